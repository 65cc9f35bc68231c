import { html, type TemplateResult } from "lit";
import { t } from "../strings.ts";

/** Of the strip, in pixels. */
export const LEAST_HEIGHT = 80;
/** Of a key. Pixels. */
const STEP = 40;

/** The upper edge of a strip: dragged, or moved by the arrow keys, it makes the strip higher or lower. */
export function renderHandle(strip: HTMLElement, resize: (height: number) => void): TemplateResult {
  const bounded = (height: number) => Math.round(Math.min(0.85 * innerHeight, Math.max(LEAST_HEIGHT, height)));
  const onDown = (event: PointerEvent) => {
    const handle = event.currentTarget as HTMLElement;
    const from = event.clientY + strip.offsetHeight;
    handle.setPointerCapture(event.pointerId);
    const onMove = (move: PointerEvent) => resize(bounded(from - move.clientY));
    handle.addEventListener("pointermove", onMove);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", onMove), {
      once: true,
    });
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    resize(bounded(strip.offsetHeight + step));
  };
  return html`<div
    class="strip-handle"
    role="separator"
    aria-orientation="horizontal"
    aria-label=${t("Height of the maps")}
    aria-valuemin=${LEAST_HEIGHT}
    aria-valuemax=${Math.round(0.85 * innerHeight)}
    aria-valuenow=${strip.offsetHeight}
    tabindex="0"
    @pointerdown=${onDown}
    @keydown=${onKey}
  ></div>`;
}

import { html, type TemplateResult } from "lit";
import { t } from "../strings.ts";

/** How large pictures are, beside what the room gives. */
export const SIZES = [0.7, 0.85, 1, 1.3, 1.7, 2.2] as const;
export const USUAL_SIZE = SIZES.indexOf(1);

/** A step of the sizes, within them. */
function resized(size: number, step: 1 | -1): number {
  return Math.min(SIZES.length - 1, Math.max(0, size + step));
}

/** Ctrl and wheel. */
export function resizeByWheel(event: WheelEvent, size: number, change: (size: number) => void): void {
  if (!event.ctrlKey || event.deltaY === 0) return;
  event.preventDefault();
  change(resized(size, event.deltaY < 0 ? 1 : -1));
}

/** @param size number in `SIZES` */
export function renderSizes(size: number, change: (size: number) => void): TemplateResult {
  return html`<span class="sizes" role="group" aria-label=${t("Size of the pictures")}
    ><button
      title=${t("Smaller pictures (Ctrl and wheel)")}
      aria-label=${t("Smaller pictures (Ctrl and wheel)")}
      ?disabled=${size === 0}
      @click=${() => change(resized(size, -1))}
    >
      −</button
    ><button
      title=${t("Larger pictures (Ctrl and wheel)")}
      aria-label=${t("Larger pictures (Ctrl and wheel)")}
      ?disabled=${size === SIZES.length - 1}
      @click=${() => change(resized(size, 1))}
    >
      +
    </button></span
  >`;
}

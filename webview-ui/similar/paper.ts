import { html, nothing, type TemplateResult } from "lit";
import type { Rect } from "./box.ts";

/** White below a picture: what the model sees behind transparent pixels, too. */
export function renderPaper(image: Rect | undefined): TemplateResult | typeof nothing {
  if (image === undefined) return nothing;
  const { x, y, width, height } = image;
  return html`<span class="paper" .style=${`left:${x}px;top:${y}px;width:${width}px;height:${height}px`}></span>`;
}

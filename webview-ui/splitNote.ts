import { html, nothing, type TemplateResult } from "lit";
import { t } from "./strings.ts";

/** What folders that are the parts of a split mean for labels. @param parts none where there is no split */
export function renderSplit(parts: readonly string[]): TemplateResult | typeof nothing {
  if (parts.length === 0) return nothing;
  return html`<p class="filter-notes quiet" role="status">${t("The folders {0} are taken for the parts of a split: the label of an image is its folder below them.", parts.join(", "))}</p>`;
}

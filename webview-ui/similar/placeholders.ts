import { html, type TemplateResult } from "lit";
import { t } from "../strings.ts";

/** Where lists will be. */
export function renderSkeleton(): TemplateResult {
  const row = html`<div class="row" aria-hidden="true">${[0, 1, 2, 3].map(() => html`<div class="card skeleton"></div>`)}</div>`;
  return html`<div class="lists" aria-busy="true">${[0, 1, 2, 3].map(() => row)}</div>`;
}

/** @param filtered whether the filter may have left everything out */
export function renderNothingFound(filtered: boolean): TemplateResult {
  return html`<p class="empty quiet">
    ${filtered ? t("Nothing of the folder passes the filter.") : t("There is no other image in the folder.")}
  </p>`;
}

/** Below lists that are not at their end. */
export function renderMore(ask: () => void): TemplateResult {
  return html`<button class="secondary more" @click=${ask}>${t("Show more")}</button>`;
}

import { html, nothing, type TemplateResult } from "lit";
import { t } from "../strings.ts";

/** Where lists will be. @param searching whether only a search is waited for: that of a large index takes its time once */
export function renderSkeleton(searching: boolean): TemplateResult {
  const row = html`<div class="row" aria-hidden="true">${[0, 1, 2, 3].map(() => html`<div class="card skeleton"></div>`)}</div>`;
  return html`${searching ? html`<p class="still quiet">${t("Still searching: the first search of a large index reads it into memory.")}</p>` : nothing}
    <div class="lists" aria-busy="true">${[0, 1, 2, 3].map(() => row)}</div>`;
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

import { html, nothing, type TemplateResult } from "lit";
import { t } from "../strings.ts";
import type { ShownColumn } from "./filters.ts";

/** What somebody hears who sees neither lists nor skeletons: that a search is under way, then how many results each list has. */
export function announced(searching: boolean, none: boolean, columns: readonly ShownColumn[]): string {
  if (searching) return t("Searching");
  if (none) return "";
  return t("Results in each list: {0}", Math.max(0, ...columns.map(({ cards }) => cards.length)).toLocaleString());
}

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

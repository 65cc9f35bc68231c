import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { MOST_EXAMPLES, type SelectionAction } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { nameOf, spoken } from "./labels.ts";

export interface SideActions {
  /** A thumbnail was clicked. */
  point(row: number): void;
  hover(row: number | undefined): void;
  open(row: number): void;
  act(action: SelectionAction): void;
  clear(): void;
  select(rows: readonly number[]): void;
}

/** Thumbnails of a selection that are shown; of a larger one, the rest is counted. */
const MOST = 300;
/** Of the images that moved most so many are listed. */
const MOVED = 60;

/** The selected images, and what can be done with them. */
export function renderSelection(
  selection: readonly number[],
  current: number | undefined,
  paths: readonly string[],
  store: ThumbnailStore,
  actions: SideActions,
): TemplateResult {
  const target = current !== undefined && selection.includes(current) ? current : selection[0];
  if (target === undefined) {
    return html`<section class="selection">
      <p class="quiet hint">
        ${t("Shift-drag in a map selects images, a click selects one, E what lies around it. Wheel zooms, drag pans, F shows all, Esc clears.")}
      </p>
    </section>`;
  }
  const button = (action: SelectionAction, label: string, keys: string) =>
    html`<button class="secondary" title=${keys === "" ? label : `${label} (${keys})`} @click=${() => actions.act(action)}>
      ${label}
    </button>`;
  return html`<section class="selection" aria-label=${t("Selection")}>
    <h3>${selection.length === 1 ? nameOf(paths[target]!) : t("{0} selected", selection.length.toLocaleString())}</h3>
    <div class="buttons">
      <button
        class=${selection.length > MOST_EXAMPLES ? "secondary" : "primary"}
        title="${paths[target]!} (S)"
        @click=${() => actions.act("findSimilar")}
      >
        ${selection.length > MOST_EXAMPLES ? t("Find similar to the first {0}", MOST_EXAMPLES) : t("Find similar")}
      </button>
      ${selection.length === 1 ? [button("open", t("Open"), "Enter"), button("reveal", t("Reveal"), "")] : nothing}
      ${button("copyPaths", t("Copy paths"), "C")} ${button("export", t("Export selection..."), "")}
      ${button("label", t("Label..."), "L")}
      <button class="secondary" title="${t("Clear")} (Esc)" @click=${() => actions.clear()}>${t("Clear")}</button>
    </div>
    <div class="thumbnails">
      ${repeat(
        selection.slice(0, MOST),
        (row) => row,
        (row) => renderThumbnail(row, row === target, undefined, paths, store, actions),
      )}
    </div>
    ${selection.length > MOST ? html`<p class="quiet">${t("and {0} more", (selection.length - MOST).toLocaleString())}</p>` : nothing}
  </section>`;
}

/** Rows by falling value; of equal ones the first. Those without a value are left out. */
export function highest(values: Float64Array, count: number): number[] {
  return Array.from(values.keys())
    .filter((row) => Number.isFinite(values[row]!))
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, count);
}

/** The images whose neighbourhood differs most between two descriptors. */
export function renderMoved(
  values: Float64Array,
  paths: readonly string[],
  store: ThumbnailStore,
  actions: SideActions,
): TemplateResult {
  const rows = highest(values, MOVED).filter((row) => values[row]! > 0);
  return html`<section class="moved" aria-label=${t("Moved most")}>
    <h3>${t("Moved most")}</h3>
    ${
      rows.length === 0
        ? html`<p class="quiet">${t("Every image has the same neighbours in both.")}</p>`
        : html`<button class="link" @click=${() => actions.select(rows)}>${t("Select these {0}", rows.length)}</button>
            <div class="thumbnails">
              ${repeat(
                rows,
                (row) => row,
                (row) => renderThumbnail(row, false, values[row]!.toFixed(2), paths, store, actions),
              )}
            </div>`
    }
  </section>`;
}

function renderThumbnail(
  row: number,
  current: boolean,
  caption: string | undefined,
  paths: readonly string[],
  store: ThumbnailStore,
  actions: SideActions,
): TemplateResult {
  const path = paths[row]!;
  const named = spoken(path);
  return html`<button
    class=${caption === undefined ? "thumbnail" : "thumbnail captioned"}
    data-path=${path}
    title=${path}
    aria-label=${caption === undefined ? named : `${named}: ${caption}`}
    aria-current=${current}
    @click=${() => actions.point(row)}
    @dblclick=${() => actions.open(row)}
    @pointerenter=${() => actions.hover(row)}
    @pointerleave=${() => actions.hover(undefined)}
  >
    <lookalike-thumbnail class="picture" .path=${path} .store=${store}></lookalike-thumbnail>
    ${caption === undefined ? nothing : html`<span class="caption">${caption}</span>`}
  </button>`;
}

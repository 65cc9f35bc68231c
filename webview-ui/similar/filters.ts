import { html, nothing, type TemplateResult } from "lit";
import type { ResultFilter } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { folderOf } from "./text.ts";
import type { Card, Column } from "./viewModel.ts";

/** How the page shows what it has; nothing of it is asked of the engine. */
export interface ViewOptions {
  /** Marks results by whether their folder's name is the query's. */
  readonly labels: boolean;
  /** One card for images that are the same picture. */
  readonly collapse: boolean;
}

export interface ShownCard extends Card {
  readonly sameLabel: boolean | null;
  readonly copies: number;
}

export interface ShownColumn extends Column {
  readonly cards: readonly ShownCard[];
}

/**
 * @param label of the query; null where labels are not looked at
 * @param groups number of the group of the same picture by path; null where copies are drawn like others
 */
export function shownColumns(
  columns: readonly Column[],
  label: string | null,
  groups: ReadonlyMap<string, number> | null,
): ShownColumn[] {
  return columns.map((column) => {
    const first = new Map<number, string>();
    const copies = new Map<string, number>();
    const kept = column.cards.filter(({ path }) => {
      const group = groups?.get(path);
      if (group === undefined) return true;
      const before = first.get(group);
      if (before === undefined) first.set(group, path);
      else copies.set(before, (copies.get(before) ?? 0) + 1);
      return before === undefined;
    });
    return {
      ...column,
      cards: kept.map((card) => ({
        ...card,
        sameLabel: label === null ? null : card.folderName === label,
        copies: copies.get(card.path) ?? 0,
      })),
    };
  });
}

/** Folders of images, and those above them, for a choice. @param paths relative with `/` */
export function foldersOf(paths: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let folder = folderOf(path); folder !== ""; folder = folderOf(folder)) {
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return [...folders].sort((a, b) => a.localeCompare(b));
}

export interface FilterActions {
  filter(filter: ResultFilter): void;
  view(options: ViewOptions): void;
}

/** The row of controls that say which results are shown, and how. */
export function renderFilters(
  filter: ResultFilter,
  options: ViewOptions,
  folders: readonly string[],
  actions: FilterActions,
): TemplateResult {
  const { folder = "", minScore } = filter;
  const known = folder === "" || folders.includes(folder) ? folders : [folder, ...folders];
  const withScore = (score: number | undefined): ResultFilter => ({
    ...(folder === "" ? {} : { folder }),
    ...(score === undefined ? {} : { minScore: score }),
  });
  return html`<div class="filters" role="group" aria-label=${t("Filter")}>
    <label
      ><span class="quiet">${t("in")}</span>
      <select
        aria-label=${t("Only images in this folder")}
        @change=${(event: Event) => {
          const { value } = event.target as HTMLSelectElement;
          actions.filter({
            ...(value === "" ? {} : { folder: value }),
            ...(minScore === undefined ? {} : { minScore }),
          });
        }}
      >
        <option value="" .selected=${folder === ""}>${t("all folders")}</option>
        ${known.map((each) => html`<option value=${each} .selected=${each === folder}>${each}</option>`)}
      </select>
    </label>
    <label class="least"
      ><span class="quiet">${t("score at least")}</span>
      <input
        type="range"
        min="0"
        max="1"
        step="0.01"
        .value=${String(minScore ?? 0)}
        aria-label=${t("Lowest score")}
        aria-valuetext=${minScore === undefined ? t("any score") : minScore.toFixed(2)}
        @input=${(event: Event) => {
          const value = Number((event.target as HTMLInputElement).value);
          actions.filter(withScore(value === 0 ? undefined : value));
        }}
      />
      <span class="figure">${minScore === undefined ? t("any") : minScore.toFixed(2)}</span>
    </label>
    <label
      ><input
        type="checkbox"
        .checked=${options.labels}
        @change=${() => actions.view({ ...options, labels: !options.labels })}
      />
      ${t("labels")}</label
    >
    <label title=${t("Images that are the same picture, in another size or format, are shown as one")}
      ><input
        type="checkbox"
        .checked=${options.collapse}
        @change=${() => actions.view({ ...options, collapse: !options.collapse })}
      />
      ${t("one per picture")}</label
    >
    ${
      folder === "" && minScore === undefined
        ? nothing
        : html`<button class="link" @click=${() => actions.filter({})}>${t("Show all")}</button>`
    }
  </div>`;
}

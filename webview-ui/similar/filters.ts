import { html, nothing, type TemplateResult } from "lit";
import type { KindsGain, PageQuery, ResultFilter, ShownLabels, WordsAnswer } from "../../src/shared/index.ts";
import { renderNotes } from "../columnNotes.ts";
import { type LabelSourceActions, renderLabelSource } from "../labelSource.ts";
import { renderSplit } from "../splitNote.ts";
import { t } from "../strings.ts";
import { renderFolders } from "./folderFilter.ts";
import { renderLabelFilter } from "./labelFilter.ts";
import { countLabels, isSame, type Labelling, type Tally, tallyOf } from "./labels.ts";
import { renderNothing } from "./nothingClose.ts";
import { renderScores } from "./scoreHistogram.ts";
import { folderOf } from "./text.ts";
import type { Card, Column } from "./viewModel.ts";

/** How the page shows what it has; nothing of it is asked of the engine. */
export interface ViewOptions {
  /** Marks results by whether their label is the query's. */
  readonly labels: boolean;
  /** One card for images that are the same picture. */
  readonly collapse: boolean;
  /** One card for images of the same label. */
  readonly perLabel: boolean;
}

export interface ShownCard extends Card {
  readonly sameLabel: boolean | null;
  /** From a table, shown instead of the folder; "" for none. null where labels are folders. */
  readonly label: string | null;
  /** Other images of the list that are not drawn, because this one stands for them; null where there are none. */
  readonly more: { readonly images: number; readonly because: "picture" | "label" } | null;
}

export interface ShownColumn extends Column {
  readonly cards: readonly ShownCard[];
  /** How the whole list stands to the query's label; null where labels are not looked at. */
  readonly tally: Tally | null;
}

/**
 * @param labels null where labels are not marked
 * @param standsFor what several images may have in common, of which the first then stands for all; undefined for nothing
 */
export function shownColumns(
  columns: readonly Column[],
  labels: Labelling | null,
  standsFor: (path: string) => Shared | undefined = () => undefined,
): ShownColumn[] {
  return columns.map((column) => {
    const first = new Map<string, string>();
    const more = new Map<string, { images: number; because: Shared["by"] }>();
    const kept = column.cards.filter(({ path }) => {
      const shared = standsFor(path);
      if (shared === undefined) return true;
      const key = `${shared.by} ${shared.key}`;
      const before = first.get(key);
      if (before === undefined) first.set(key, path);
      else more.set(before, { images: (more.get(before)?.images ?? 0) + 1, because: shared.by });
      return before === undefined;
    });
    return {
      ...column,
      tally: labels === null ? null : tallyOf(column, labels),
      cards: kept.map((card) => ({
        ...card,
        sameLabel: labels === null ? null : isSame(labels, card.path),
        label: labels?.fromTable ? (labels.labelOf(card.path) ?? "") : null,
        more: more.get(card.path) ?? null,
      })),
    };
  });
}

/** What images have in common: a label, or the number of a picture. */
export interface Shared {
  readonly by: "label" | "picture";
  readonly key: string;
}

/**
 * What an image shares with others under these options; a label goes before a picture.
 * @param groups number of the group of the same picture, by path
 */
export function sharedBy(
  { collapse, perLabel }: ViewOptions,
  { labelOf }: Labelling,
  groups: ReadonlyMap<string, number>,
): (path: string) => Shared | undefined {
  return (path) => {
    const label = perLabel ? labelOf(path) : null;
    if (label !== null) return { by: "label", key: label };
    const group = collapse ? groups.get(path) : undefined;
    return group === undefined ? undefined : { by: "picture", key: String(group) };
  };
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

export interface FilterActions extends LabelSourceActions {
  /** What keeping kinds together does here. */
  kindsGain(): Promise<KindsGain | null>;
  filter(filter: ResultFilter): void;
  view(options: ViewOptions): void;
  searchLabels(text: string | null): void;
}

export interface FilterView {
  readonly query: PageQuery;
  readonly options: ViewOptions;
  /** Folders to choose among. */
  readonly folders: readonly string[];
  readonly labels: ShownLabels;
  readonly labelling: Labelling;
  /** Whose labels are counted; undefined where there is none. */
  readonly combined: Column | undefined;
  /** What is looked for among the labels; null while they are not shown. */
  readonly search: string | null;
  /** What an answer to words says; null where the query has none. */
  readonly words: WordsAnswer | null;
  /** Why images of the same picture cannot be told; null where they can. */
  readonly copiesProblem: string | null;
}

/** The row of controls that say which results are shown, and how. */
export function renderFilters(view: FilterView, actions: FilterActions): TemplateResult {
  const { query, options, labels, combined } = view;
  const { filter } = query;
  const { folder = "", minScore } = filter;
  const least = typeof minScore === "number" ? minScore : undefined;
  const auto = minScore === "auto";
  const close = combined?.tellsChance === true ? combined : undefined;
  const known = folder === "" || view.folders.includes(folder) ? view.folders : [folder, ...view.folders];
  const check = (name: keyof ViewOptions, text: string, title: string) =>
    html`<label title=${title}
      ><input
        type="checkbox"
        .checked=${options[name]}
        @change=${() => actions.view({ ...options, [name]: !options[name] })}
      />
      ${text}</label
    >`;
  return html`<div class="filters" role="group" aria-label=${t("Filter")}>
      <label
        ><span class="quiet">${t("in")}</span>
        ${renderFolders(known, folder, (next) => actions.filter(changed(filter, "folder", next || undefined)))}
      </label>
      <label class="least"
        ><span class="quiet">${t("score at least")}</span>
        <span class="over-scores"
          >${renderScores(combined, least)}
        <input
          type="range"
          min="0"
          max="1"
          step="0.01"
          .value=${String(least ?? 0)}
          aria-label=${t("Lowest score")}
          aria-valuetext=${auto ? t("above chance") : least === undefined ? t("any score") : least.toFixed(2)}
          @input=${(event: Event) => {
            const value = Number((event.target as HTMLInputElement).value);
            actions.filter(changed(filter, "minScore", value === 0 ? undefined : value));
          }}
        /></span>
        <span class="figure">${auto ? "" : least === undefined ? t("any") : least.toFixed(2)}</span>
      </label>
      ${
        close === undefined && !auto
          ? nothing
          : html`<label title=${t("Only images that are more alike than random pairs of the folder, each list by its own scores")}
              ><input
                type="checkbox"
                .checked=${auto}
                @change=${() => actions.filter(changed(filter, "minScore", auto ? undefined : "auto"))}
              />
              ${t("above chance")}</label
            >`
      }
      <span class="label-controls">
        ${check("labels", t("labels"), t("Marks images by whether their label is the query's"))}
        ${renderLabelSource(query.labels, labels.tables, actions)}
        ${renderLabelFilter(
          {
            chosen: filter.labels,
            own: view.labelling.own,
            folders: !view.labelling.fromTable,
            facets: labels.facets,
            listed: () => (view.combined === undefined ? new Map() : countLabels(view.combined, view.labelling)),
            search: view.search,
          },
          { choose: (chosen) => actions.filter(changed(filter, "labels", chosen)), search: actions.searchLabels },
        )}
      </span>
      ${
        query.across
          ? nothing
          : html`<label title=${t("In Combined the first four results stay, and behind them images of one kind come together. Scores stay what they are.")}
              ><input
                type="checkbox"
                .checked=${filter.kinds === true}
                @change=${() => actions.filter(changed(filter, "kinds", filter.kinds === true ? undefined : true))}
              />
              ${t("keep kinds together")}</label
            >${
              filter.kinds === true
                ? html`<lookalike-kinds-gain
                    .source=${JSON.stringify(query.labels)}
                    .ask=${actions.kindsGain}
                  ></lookalike-kinds-gain>`
                : nothing
            }`
      }
      ${check("collapse", t("one per picture"), t("Images that are the same picture, in another size or format, are shown as one"))}
      ${check("perLabel", t("one per label"), t("Of the images with the same label the most alike one is shown"))}
      ${
        Object.keys(filter).length === 0
          ? nothing
          : html`<button class="link" @click=${() => actions.filter({})}>${t("Show all")}</button>`
      }
    </div>
    ${renderSplit(labels.facets?.split ?? [])}
    ${query.labels === null || labels.facets?.notes == null ? nothing : html`<div class="filter-notes quiet">${renderNotes(labels.facets.notes)}</div>`}`;
}

/** What is to be known of the results, whether or not the filters are in sight: that none is close, and what they lack. */
export function renderVerdict({ query, options, labels, copiesProblem, combined, words }: FilterView): TemplateResult {
  const close = combined?.tellsChance === true ? combined : undefined;
  return html`${
    options.collapse && copiesProblem !== null
      ? html`<p class="filter-notes problem" role="alert">${t("One per picture is not available: {0}", copiesProblem)}</p>`
      : nothing
  }
    ${
      query.filter.minScore === "auto" && combined !== undefined && close === undefined
        ? html`<p class="filter-notes quiet" role="status">${t("Which scores are chance cannot be told here, so no list is cut.")}</p>`
        : nothing
    }
    ${close === undefined ? nothing : renderNothing(close, words)}
    ${labels.problem === null ? nothing : html`<p class="filter-notes problem" role="alert">${labels.problem}</p>`}`;
}

/** A filter with one part changed, or taken away. */
function changed<K extends keyof ResultFilter>(
  filter: ResultFilter,
  part: K,
  value: ResultFilter[K] | undefined,
): ResultFilter {
  const { [part]: _, ...others } = filter;
  return value === undefined ? others : { ...others, [part]: value };
}

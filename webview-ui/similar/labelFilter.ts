import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { type LabelFacets, shortLabels } from "../../src/shared/index.ts";
import { t } from "../strings.ts";

/** Labels that are listed; of more, the rest is counted, and can be searched. */
const MOST = 200;
/** Free space beside an open menu. Pixels. */
const EDGE = 16;
/** Above so many there is a search. */
const SEARCHED = 8;

export interface LabelFilterView {
  /** Labels that may be shown; "" is without one; undefined is all. */
  readonly chosen: readonly string[] | undefined;
  /** Of the query. */
  readonly own: string | null;
  /** null until they are counted. */
  readonly facets: LabelFacets | null;
  /** Labels are folders, shown by their last part where that is unique. */
  readonly folders: boolean;
  /** Number of images in the combined list, by label. */
  listed(): ReadonlyMap<string, number>;
  /** What is looked for among the labels; null while they are not shown. */
  readonly search: string | null;
}

export interface LabelFilterActions {
  choose(labels: readonly string[] | undefined): void;
  search(text: string | null): void;
}

/** Which labels are shown, with how many images have each: in the combined list, of all. */
export function renderLabelFilter(view: LabelFilterView, actions: LabelFilterActions): TemplateResult {
  const { chosen, own } = view;
  const shown = namesOf(view);
  return html`<details class="label-filter" @keydown=${closeOnEscape} @focusout=${closeWhenLeft} @toggle=${(
    event: Event,
  ) => {
    const menu = event.currentTarget as HTMLDetailsElement;
    actions.search(menu.open ? "" : null);
    if (menu.open) keepInside(menu);
  }}>
    <summary aria-label=${t("Only images with these labels: {0}", summaryOf(chosen, shown))}>${summaryOf(chosen, shown)}</summary>
    <div class="choices" role="group" aria-label=${t("Labels")}>
      <p class="bar">
        <button
          class="link"
          ?disabled=${own === null}
          title=${own ?? t("The query has no label")}
          @click=${() => actions.choose(own === null ? undefined : [own])}
        >
          ${t("The query's")}
        </button>
        <button class="link" ?disabled=${chosen === undefined} @click=${() => actions.choose(undefined)}>${t("All labels")}</button>
      </p>
      ${view.search === null ? nothing : renderChoices(view, shown, view.search, actions)}
    </div>
  </details>`;
}

function renderChoices(
  { chosen = [], own, facets, listed }: LabelFilterView,
  shown: Shown,
  search: string,
  actions: LabelFilterActions,
): TemplateResult {
  if (facets === null) return html`<p class="quiet" role="status">${t("Counting labels")}</p>`;
  const inList = listed();
  const words = search.trim().toLowerCase();
  const known = new Set(facets.labels.map(({ label }) => label));
  // Chosen before, and of no image any more.
  const lost = chosen.filter((label) => label !== "" && !known.has(label)).map((label) => ({ label, images: 0 }));
  // The order stays whatever is chosen: nothing moves under the pointer.
  const all = [...facets.labels, ...lost].sort((a, b) => Number(b.label === own) - Number(a.label === own));
  const found = all.filter(({ label }) => label.toLowerCase().includes(words));
  const beyond = found.slice(MOST).filter(({ label }) => chosen.includes(label));
  const drawn = [...found.slice(0, MOST), ...beyond];
  const rest = found.length - drawn.length + (words === "" ? facets.others.labels : 0);
  const entry = (label: string, text: string, images: number) =>
    html`<li>
      <label title=${label || text}
        ><input
          type="checkbox"
          .checked=${live(chosen.includes(label))}
          @change=${() => {
            const next = chosen.includes(label) ? chosen.filter((each) => each !== label) : [...chosen, label];
            actions.choose(next.length === 0 ? undefined : next);
          }}
        /><span class="label-text ${label === "" ? "quiet" : ""}">${text}</span
        ><span class="quiet counts" title=${t("{0} in Combined, {1} in all", inList.get(label) ?? 0, images)}
          >${inList.get(label) ?? 0} / ${images.toLocaleString()}</span
        ></label
      >
    </li>`;
  return html`${
    all.length <= SEARCHED
      ? nothing
      : html`<input
          type="search"
          aria-label=${t("Search labels")}
          placeholder=${t("Search {0} labels", (facets.labels.length + facets.others.labels).toLocaleString())}
          .value=${search}
          @input=${(event: Event) => actions.search((event.target as HTMLInputElement).value)}
        />`
  }
    <ul>
      ${repeat(
        drawn,
        ({ label }) => label,
        ({ label, images }) => entry(label, shown(label), images),
      )}
      ${facets.unlabelled > 0 && words === "" ? entry("", t("No label"), facets.unlabelled) : nothing}
    </ul>
    ${rest > 0 ? html`<p class="quiet">${t("and {0} more", rest.toLocaleString())}</p>` : nothing}`;
}

/** How a label is shown. */
type Shown = (label: string) => string;

function namesOf({ folders, facets, chosen = [], own }: LabelFilterView): Shown {
  if (!folders) return (label) => label;
  const all = [...(facets?.labels.map(({ label }) => label) ?? []), ...chosen, ...(own === null ? [] : [own])];
  const short = shortLabels(all);
  return (label) => short.get(label) ?? label;
}

function summaryOf(chosen: readonly string[] | undefined, shown: Shown): string {
  if (chosen === undefined) return t("any label");
  const [first, ...others] = chosen;
  if (others.length > 0) return t("{0} labels", chosen.length);
  return first === "" ? t("No label") : shown(first ?? "");
}

/** Moves what has opened to the left where it would leave the page. */
function keepInside(menu: HTMLElement): void {
  const choices = menu.querySelector<HTMLElement>(".choices")!;
  choices.style.removeProperty("margin-left");
  const beyond = choices.getBoundingClientRect().right - document.documentElement.clientWidth + EDGE;
  if (beyond > 0) choices.style.setProperty("margin-left", `${-beyond}px`);
}

function closeOnEscape(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event.key !== "Escape" || !menu.open) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary")?.focus();
}

function closeWhenLeft(event: FocusEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
}

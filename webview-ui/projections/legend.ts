import { html, nothing, svg, type TemplateResult } from "lit";
import type { ColumnChoice } from "../../src/shared/index.ts";
import { renderNotes } from "../columnNotes.ts";
import { cssOf } from "../plot/painter.ts";
import { renderSplit } from "../splitNote.ts";
import { t } from "../strings.ts";
import { COLOURED } from "./classColours.ts";
import type { Colouring } from "./colouring.ts";
import { type Category, OTHER } from "./colours.ts";
import type { Range } from "./scale.ts";
import { SCALE_STEPS, scaleColours } from "./scale.ts";
import type { Counted } from "./selection.ts";

export interface LegendActions {
  /** Selects the images of a category. */
  selectCategory(code: number): void;
  toggleCategory(code: number): void;
  searchLegend(text: string): void;
  /** Lights the images of a category up; undefined for none. */
  light(code: number | undefined): void;
}

/** Categories that are listed; of more, the rest is counted. */
const MOST = 200;
/** Above so many there is a search. */
const SEARCHED = 8;

/**
 * What the colours mean, and what a table lacks.
 * @param counted what is selected or found of each category
 */
export function renderLegend(
  colouring: Colouring,
  counted: Counted | undefined,
  ground: "dark" | "light",
  actions: LegendActions,
): TemplateResult {
  const { choice, numbers, range, failure, result } = colouring;
  const title = titleOf(choice);
  return html`<section class="legend" aria-label=${title}>
    <h3>${title}</h3>
    ${failure === undefined ? nothing : html`<p class="failure" role="alert">${failure}</p>`}
    ${choice !== null && result === undefined && failure === undefined ? html`<p class="quiet" role="status">${t("Reading values")}</p>` : nothing}
    ${numbers === undefined || range === undefined ? renderCategories(colouring, counted, actions) : renderScale(numbers, range, ground)}
    ${isOfFolders(choice) ? renderSplit(colouring.split) : nothing}
    ${result?.notes == null || choice === null ? nothing : renderNotes(result.notes)}
  </section>`;
}

/** Whether the folders are the labels that the colours are about. */
function isOfFolders(choice: ColumnChoice | null): boolean {
  return choice === null || (choice.kind === "agreement" && choice.labels === null);
}

function titleOf(choice: ColumnChoice | null): string {
  switch (choice?.kind) {
    case undefined:
      return t("Folders");
    case "pixels":
      return t("Image size");
    case "modified":
      return t("File date");
    case "moved":
      return t("Share of the neighbourhood that differs");
    case "agreement":
      return t("Share of neighbours with the same label");
    case "table":
      return choice.column;
  }
}

/** `class 2` before `class 10`. */
const byName = new Intl.Collator("en", { numeric: true }).compare;

function renderCategories(
  { categories, chosen, legendSearch, labels, inView }: Colouring,
  counted: Counted | undefined,
  actions: LegendActions,
): TemplateResult {
  const words = legendSearch.trim().toLowerCase();
  const here = ({ code, count }: Category) => (inView === undefined ? count : inView.counts[code]!);
  const found = categories.filter(({ name }) => name.toLowerCase().includes(words));
  // What is looked for is listed wherever it lies.
  const listed = words === "" ? found.filter((category) => here(category) > 0) : found;
  const picked = ({ code }: Category) => counted?.counts[code] ?? 0;
  // What is selected or found is asked about: its categories first.
  listed.sort(
    (a, b) =>
      picked(b) - picked(a) ||
      Number(a.colour === OTHER) - Number(b.colour === OTHER) ||
      here(b) - here(a) ||
      byName(a.name, b.name),
  );
  const rest = listed.length - MOST;
  const none = labels.codes.reduce((sum, code) => sum + (code < 0 ? 1 : 0), 0);
  const grey = chosen.length > 0 ? 0 : categories.filter(({ colour }) => colour === OTHER).length;
  return html`${
    categories.length <= SEARCHED
      ? nothing
      : html`<input
          type="search"
          class="find"
          aria-label=${t("Search the legend")}
          placeholder=${t("Search {0} entries", categories.length.toLocaleString())}
          .value=${legendSearch}
          @input=${(event: Event) => actions.searchLegend((event.target as HTMLInputElement).value)}
        />`
  }
    ${inView === undefined || words !== "" ? nothing : html`<p class="quiet" role="status">${t("{0} of {1} in view", listed.length.toLocaleString(), categories.length.toLocaleString())}</p>`}
    <ul>
      ${listed.slice(0, MOST).map((category) => renderCategory(category, here(category), pickedText(picked(category), counted), actions))}
    </ul>
    ${rest > 0 ? html`<p class="quiet">${t("and {0} more", rest.toLocaleString())}</p>` : nothing}
    ${none > 0 ? renderGrey(t("No value"), none) : nothing}
    ${grey > 0 ? html`<p class="quiet">${t("{0} of {1} are coloured, the most frequent. Tick others to colour those.", COLOURED, categories.length.toLocaleString())}</p>` : nothing}
    ${chosen.length > 0 ? html`<p class="quiet">${t("The others are grey. Untick all to colour the most frequent.")}</p>` : nothing}`;
}

function pickedText(images: number, counted: Counted | undefined): string {
  if (images === 0) return "";
  return counted?.of === "selected"
    ? t("{0} selected", images.toLocaleString())
    : t("{0} found", images.toLocaleString());
}

/** @param here its images in view @param picked of these, how many are selected or found; empty for none */
function renderCategory(
  { code, name, count, colour, chosen }: Category,
  here: number,
  picked: string,
  actions: LegendActions,
): TemplateResult {
  const images = here === count ? count.toLocaleString() : `${here.toLocaleString()} / ${count.toLocaleString()}`;
  return html`<li
    @pointerenter=${() => actions.light(code)}
    @pointerleave=${() => actions.light(undefined)}
    @focusin=${() => actions.light(code)}
    @focusout=${() => actions.light(undefined)}
  >
    <input
      type="checkbox"
      class="dot ${colour === OTHER ? "label-other" : `label-${colour}`}"
      aria-label=${t("Colour {0}", name)}
      title=${t("Colour {0}", name)}
      .checked=${chosen}
      @change=${() => actions.toggleCategory(code)}
    />
    <button class="entry" title=${t("Select the images of {0}", name)} @click=${() => actions.selectCategory(code)}>
      <span class="text">${name}</span>${picked === "" ? nothing : html`<span class="picked">${picked}</span>`}<span class="quiet">${images}</span>
    </button>
  </li>`;
}

function renderGrey(text: string, count: number): TemplateResult {
  return html`<p class="quiet grey"><span class="dot label-other"></span><span class="text">${text}</span>${count.toLocaleString()}</p>`;
}

function renderScale(
  { unit, values }: NonNullable<Colouring["numbers"]>,
  { low, high, below, above }: Range,
  ground: "dark" | "light",
): TemplateResult {
  const missing = values.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
  const [from, to] = [shown(low, unit), shown(high, unit)];
  return html`<svg class="scale" viewBox="0 0 ${SCALE_STEPS} 8" preserveAspectRatio="none" shape-rendering="crispEdges" role="img" aria-label=${t("From {0} to {1}", from, to)}>
      ${scaleColours(ground).map((colour, i) => svg`<rect x=${i} y="0" width="1.05" height="8" fill=${cssOf(colour)}></rect>`)}
    </svg>
    <p class="ends" aria-hidden="true"><span>${below ? "≤ " : ""}${from}</span><span>${above ? "≥ " : ""}${to}</span></p>
    ${missing > 0 ? renderGrey(t("No value"), missing) : nothing}`;
}

/** A number as a person reads it. */
export function shown(value: number, unit: "date" | "share" | "pixels" | null): string {
  if (!Number.isFinite(value)) return "–";
  if (unit === "date") return new Date(value).toLocaleDateString();
  if (unit === "pixels")
    return value < 1e5 ? `${Math.round(value).toLocaleString()} px` : `${(value / 1e6).toFixed(2)} MP`;
  return String(Number(value.toPrecision(4)));
}

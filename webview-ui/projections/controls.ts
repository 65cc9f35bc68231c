import { html, nothing, type TemplateResult } from "lit";
import { type ColumnChoice, DEFAULT_PROJECTION, type TableColumn, type TableSummary } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { nameOf } from "./labels.ts";

/** Neighbours that a comparison of neighbourhoods looks at. */
const NEIGHBOURS = DEFAULT_PROJECTION.neighbours;
/** Value of the entry that lets the user choose a file. */
const OTHER_TABLE = "table...";

export interface ControlsState {
  /** Branch names and combined, with what they are called. */
  readonly descriptors: readonly { readonly name: string; readonly label: string }[];
  /** The first two are models, and no descriptors of one. */
  readonly compared: boolean;
  /** null is the folder. */
  readonly choice: ColumnChoice | null;
  readonly tables: readonly TableSummary[];
  readonly search: string;
  /** Images that the search finds; null where nothing is looked for. */
  readonly found: number | null;
  /** Points are drawn as pictures where few are in view. */
  readonly pictures: boolean;
  /** Categories are named in the maps. */
  readonly names: boolean;
  /** A map is shown with the points of the other descriptor. */
  readonly morphed: boolean;
}

export interface ControlsActions {
  colour(choice: ColumnChoice | null): void;
  chooseTable(): void;
  search(text: string): void;
  selectFound(): void;
  pictures(on: boolean): void;
  names(on: boolean): void;
  morph(): void;
}

const valueIn = (event: Event) => (event.target as HTMLInputElement | HTMLSelectElement).value;

/** What the points are coloured by, the search, and how points are drawn. */
export function renderControls(state: ControlsState, actions: ControlsActions): TemplateResult {
  const { search, found, pictures, names } = state;
  return html`<label class="control"
      >${t("Colour")}
      <select
        class="colour"
        @change=${(event: Event) => {
          const value = valueIn(event);
          if (value !== OTHER_TABLE) actions.colour(JSON.parse(value) as ColumnChoice | null);
          else actions.chooseTable();
        }}
      >
        ${renderColours(state)}
      </select></label
    >
    ${renderDetail(state, actions)}
    <label class="control search"
      ><span class="unseen">${t("Search")}</span>
      <input
        type="search"
        placeholder=${t("Search path or label")}
        title=${t("Points that it does not find step back. Enter selects those it finds.")}
        .value=${search}
        @input=${(event: Event) => actions.search(valueIn(event))}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key === "Enter") actions.selectFound();
        }}
      />
      <span class="quiet found" role="status">${found === null ? nothing : t("{0} found", found.toLocaleString())}</span>
    </label>
    <label class="control check"
      ><input
        type="checkbox"
        .checked=${pictures}
        @change=${(event: Event) => actions.pictures((event.target as HTMLInputElement).checked)}
      />${t("Thumbnails")}</label
    >
    <label class="control check"
      ><input
        type="checkbox"
        .checked=${names}
        @change=${(event: Event) => actions.names((event.target as HTMLInputElement).checked)}
      />${t("Names")}</label
    >`;
}

function renderColours({ choice, descriptors, tables, compared }: ControlsState): TemplateResult {
  // Of two models it is between these, and not from one to both together.
  const [first, last] = [descriptors[0]?.name ?? "", descriptors.at(compared ? 1 : -1)?.name ?? ""];
  const moved: ColumnChoice = { kind: "moved", one: first, other: last, k: NEIGHBOURS };
  const simple: readonly (readonly [ColumnChoice | null, string])[] = [
    [null, t("Folder")],
    [choice?.kind === "moved" ? choice : moved, t("What moved")],
    [choice?.kind === "agreement" ? choice : { kind: "agreement", labels: null, k: NEIGHBOURS }, t("Label agreement")],
    [{ kind: "pixels" }, t("Image size")],
    [{ kind: "modified" }, t("File date")],
  ];
  const option = (value: ColumnChoice | null, label: string) =>
    html`<option value=${JSON.stringify(value)} .selected=${JSON.stringify(value) === JSON.stringify(choice)}>
      ${label}
    </option>`;
  const isKnown = ({ file, column }: TableColumn) =>
    tables.some((table) => table.file === file && table.columns.includes(column));
  // A table that has vanished since; the legend says so.
  const lost = choice?.kind === "table" && !isKnown(choice) ? [{ file: choice.file, columns: [choice.column] }] : [];
  return html`${simple.map(([value, label]) => option(value, label))}
    ${[...lost, ...tables].map(
      ({ file, columns }) =>
        html`<optgroup label=${nameOf(file.replaceAll("\\", "/"))}>
          ${columns.map((column) => option({ kind: "table", file, column }, column))}
        </optgroup>`,
    )}
    <option value=${OTHER_TABLE}>${t("A table...")}</option>`;
}

/** The further choices of some colourings. */
function renderDetail(state: ControlsState, actions: ControlsActions): TemplateResult | typeof nothing {
  const { choice, descriptors, tables, morphed } = state;
  if (choice?.kind === "moved") {
    const select = (label: string, which: "one" | "other") =>
      html`<label class="control"
        ><span class="unseen">${label}</span>
        <select class=${which} @change=${(event: Event) => actions.colour({ ...choice, [which]: valueIn(event) })}>
          ${descriptors.map(({ name, label: called }) => html`<option value=${name} .selected=${name === choice[which]}>${called}</option>`)}
        </select></label
      >`;
    return html`${select(t("From"), "one")}<span class="quiet" aria-hidden="true">→</span>${select(t("To"), "other")}
      <button class="secondary morph" aria-pressed=${morphed} @click=${() => actions.morph()}>
        ${morphed ? t("Move back") : t("Show the move")}
      </button>`;
  }
  if (choice?.kind === "agreement") {
    const columns: readonly TableColumn[] = tables.flatMap(({ file, columns: names }) =>
      names.map((column) => ({ file, column })),
    );
    const option = (labels: TableColumn | null, text: string) =>
      html`<option value=${JSON.stringify(labels)} .selected=${JSON.stringify(labels) === JSON.stringify(choice.labels)}>
        ${text}
      </option>`;
    return html`<label class="control"
      >${t("of")}
      <select
        class="labels"
        @change=${(event: Event) => actions.colour({ ...choice, labels: JSON.parse(valueIn(event)) as TableColumn | null })}
      >
        ${option(null, t("Folder"))}
        ${columns.map((column) => option(column, `${column.column} (${nameOf(column.file.replaceAll("\\", "/"))})`))}
      </select></label
    >`;
  }
  return nothing;
}

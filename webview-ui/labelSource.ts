import { html, type TemplateResult } from "lit";
import type { TableColumn, TableSummary } from "../src/shared/index.ts";
import { t } from "./strings.ts";

/** Value of the entry that lets the user choose a file. */
const OTHER_TABLE = "table...";
/** Columns that are taken for labels where a user has chosen no more than their table. */
const LABEL_COLUMNS = ["label", "labels", "class", "category", "target"];

export interface LabelSourceActions {
  labels(from: TableColumn | null): void;
  chooseTable(): void;
}

/** Where labels come from: folders, or a column of a table. */
export function renderLabelSource(
  from: TableColumn | null,
  tables: readonly TableSummary[],
  actions: LabelSourceActions,
): TemplateResult {
  const option = (value: TableColumn | null, text: string) =>
    html`<option value=${JSON.stringify(value)} .selected=${JSON.stringify(value) === JSON.stringify(from)}>${text}</option>`;
  const isKnown =
    from === null || tables.some(({ file, columns }) => file === from.file && columns.includes(from.column));
  // A table that has vanished since, which is told beside.
  const lost = isKnown ? [] : [{ file: from.file, columns: [from.column] }];
  return html`<label
    ><span class="quiet">${t("from")}</span>
    <select
      class="label-source"
      aria-label=${t("Labels from")}
      title=${from === null ? t("The label is the folder") : `${from.column}\n${from.file}`}
      @change=${(event: Event) => {
        const select = event.target as HTMLSelectElement;
        const { value } = select;
        if (value !== OTHER_TABLE) return actions.labels(JSON.parse(value) as TableColumn | null);
        // Until a table is chosen, if one is, nothing has changed.
        select.value = JSON.stringify(from);
        actions.chooseTable();
      }}
    >
      ${option(null, t("Folder"))}
      ${[...lost, ...tables].map(
        ({ file, columns }) =>
          html`<optgroup label=${nameOf(file)}>${columns.map((column) => option({ file, column }, column))}</optgroup>`,
      )}
      <option value=${OTHER_TABLE}>${t("A table...")}</option>
    </select></label
  >`;
}

/** The column of a table that is most probably its labels; undefined where it has none at all. */
export function likelyColumn({ file, columns }: TableSummary): TableColumn | undefined {
  const lower = columns.map((column) => column.trim().toLowerCase());
  const named = LABEL_COLUMNS.map((name) => lower.indexOf(name)).find((at) => at >= 0);
  const column = columns[named ?? 0];
  return column === undefined ? undefined : { file, column };
}

export function nameOf(file: string): string {
  return file.split(/[\\/]/).at(-1) ?? file;
}

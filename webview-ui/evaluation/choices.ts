import { html, nothing, type TemplateResult } from "lit";
import {
  DATASETS,
  EVALUATION_PROTOCOLS,
  type EvaluationChoice,
  type EvaluationState,
  type TableColumn,
} from "../../src/shared/index.ts";
import { nameOf, renderLabelSource } from "../labelSource.ts";
import { t } from "../strings.ts";

export interface ChoiceActions {
  choose(change: Partial<EvaluationChoice>): void;
  chooseTable(): void;
  chooseBoxes(): void;
}

/** Value of the entry that lets the user choose a file. */
const OTHER_FILE = "file...";

/** Names of the protocols and data sets; the empty one is what the data set or the folder usually has. */
const PROTOCOLS = {
  all: "All images query each other",
  "by-class": "Held-out classes",
  "query-gallery": "Queries and a gallery",
};
const DATASET_NAMES = { cub: "CUB-200-2011", cars: "CARS196", sop: "Stanford Online Products", inshop: "In-Shop" };

/** What is evaluated: labels, protocol, data set, models. */
export function renderChoices(
  { tables, models }: EvaluationState,
  { labels, protocol, dataset, boxes, models: chosen }: EvaluationChoice,
  actions: ChoiceActions,
): TemplateResult {
  const select = <T extends string>(
    name: string,
    value: T | null,
    none: string,
    values: readonly T[],
    text: (value: T) => string,
    change: (value: T | null) => void,
  ) => html`<label
    ><span class="quiet">${name}</span>
    <select @change=${(event: Event) => change(((event.target as HTMLSelectElement).value || null) as T | null)}>
      <option value="" .selected=${value === null}>${none}</option>
      ${values.map((each) => html`<option value=${each} .selected=${each === value}>${text(each)}</option>`)}
    </select></label
  >`;
  return html`<div class="choices" role="group" aria-label=${t("What is evaluated")}>
    ${
      dataset === null
        ? html`<span class="label-source-row"
            ><span aria-hidden="true">${t("Label")}</span> ${renderLabelSource(labels, tables, {
              labels: (from: TableColumn | null) => actions.choose({ labels: from }),
              chooseTable: () => actions.chooseTable(),
            })}</span
          >`
        : nothing
    }
    ${select(
      t("Protocol"),
      protocol,
      t("As usual"),
      EVALUATION_PROTOCOLS,
      (each) => t(PROTOCOLS[each]),
      (value) => actions.choose({ protocol: value }),
    )}
    ${select(
      t("Data set"),
      dataset,
      t("None"),
      DATASETS,
      (each) => DATASET_NAMES[each],
      (value) => actions.choose({ dataset: value, ...(value === null ? {} : { labels: null }) }),
    )}
    <label
      ><span class="quiet">${t("Boxes of objects")}</span>
      <select
        title=${boxes ?? t("A COCO file, or a table with a row per box: large objects are compared with small ones")}
        @change=${(event: Event) => {
          const select = event.target as HTMLSelectElement;
          if (select.value !== OTHER_FILE) return actions.choose({ boxes: null });
          // Until a file is chosen, if one is, nothing has changed.
          select.value = boxes ?? "";
          actions.chooseBoxes();
        }}
      >
        <option value="" .selected=${boxes === null}>${dataset === null ? t("None") : t("As usual")}</option>
        ${boxes === null ? nothing : html`<option value=${boxes} .selected=${true}>${nameOf(boxes)}</option>`}
        <option value=${OTHER_FILE}>${t("A file...")}</option>
      </select></label
    >
    ${
      models.length === 0
        ? nothing
        : html`<details class="models"><summary>${t("Other models beside it: {0}", chosen.length)}</summary>
            ${models.map(
              (name) => html`<label
                ><input
                  type="checkbox"
                  .checked=${chosen.includes(name)}
                  @change=${(event: Event) => {
                    const on = (event.target as HTMLInputElement).checked;
                    actions.choose({ models: on ? [...chosen, name] : chosen.filter((other) => other !== name) });
                  }}
                />${name}</label
              >`,
            )}</details>`
    }
  </div>`;
}

import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import {
  ABLATION_CONFIGS,
  type AblationAxes,
  type AblationRow,
  ablationSeconds,
  ablationTables,
  planCells,
  settingName,
  type TrainingPageState,
  trainingsOf,
} from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { duration } from "./numbers.ts";

/** Before the start: which trainings there will be, and how long they take. */
export function renderPlan({ options, data }: TrainingPageState, axes: AblationAxes): TemplateResult {
  const cells = planCells(axes);
  const trainings = trainingsOf(cells).length;
  const seconds = data?.seconds == null ? null : ablationSeconds(axes, options.mode, data.seconds);
  return html`<section class="plan" aria-label=${t("Plan")}>
    <h2>${t("Plan")}</h2>
    <p role="status">
      ${
        seconds === null
          ? t("Trainings: {0}", trainings.toLocaleString())
          : t("Trainings: {0}, about {1}", trainings.toLocaleString(), duration(seconds))
      }
    </p>
    <p class="quiet">
      ${
        axes.full
          ? t("Every combination of what is chosen.")
          : t("One factor changes at a time; the others stay as in the richest setting that is chosen.")
      }
      ${t("Each training is measured on classes that it never saw. No model is installed.")}
    </p>
    <details>
      <summary>${t("All trainings")}</summary>
      <ul>
        ${cells.map(({ sameAs, ...cell }) => {
          const text = t("{0}, seed {1}", settingName(cell), cell.seed);
          return html`<li>
            ${sameAs === null ? text : t("{0}: the same training as {1}", text, settingName(sameAs))}
          </li>`;
        })}
      </ul>
    </details>
  </section>`;
}

/** The trainings side by side, as far as they are done. */
export function renderTables({ run }: TrainingPageState, axes: AblationAxes): TemplateResult | typeof nothing {
  if (run === null) return nothing;
  const tables = ablationTables(axes, planCells(axes), run.ablation?.results ?? [], t);
  if (tables.length === 0)
    return html`<p class="quiet">${t("Figures show here as soon as the first training is done.")}</p>`;
  return html`<p class="quiet">${t("Per cent, on held-out images; mean and standard deviation over the seeds that are done.")}</p>
    ${tables.map(
      ({ title, rows }) => html`<div class="scroll" tabindex="0" role="group" aria-label=${title}>
        <table class="ablation">
          <caption>${title}</caption>
          <thead>
            <tr>
              ${[t("Setting"), t("Combined by"), t("Seeds")].map((text) => html`<th scope="col">${text}</th>`)}
              ${METRICS.map(([, name]) => html`<th scope="col">${name}</th>`)}
            </tr>
          </thead>
          <tbody>${rows.map((row) => renderRow(row, rows))}</tbody>
        </table>
      </div>`,
    )}`;
}

const METRICS = [
  ["recall@1", "R@1"],
  ["recall@4", "R@4"],
  ["r-precision", "R-precision"],
  ["map@r", "MAP@R"],
] as const;

function renderRow(row: AblationRow, rows: readonly AblationRow[]): TemplateResult {
  return html`<tr>
    <th scope="row">${settingName(row)}${row.sameAs === null ? nothing : html` <span class="quiet">= ${row.sameAs}</span>`}</th>
    <td>${row.combine}</td>
    <td>${row.seeds}</td>
    ${METRICS.map(([metric]) => {
      const mean = row.means[metric];
      if (mean === undefined) return html`<td></td>`;
      const best = Math.max(...rows.map((other) => other.means[metric] ?? 0));
      const spread = row.seeds < 2 ? nothing : html` <span class="quiet">± ${percent(row.spreads[metric]!)}</span>`;
      return html`<td class=${mean === best ? "best" : ""}>${percent(mean)}${spread}</td>`;
    })}
  </tr>`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

type Listed = "configs" | "losses" | "tricks" | "combine";

/** What is compared. @param fixed a run is shown: nothing can be changed */
export function renderAxes(axes: AblationAxes, fixed: boolean, change: (axes: AblationAxes) => void): TemplateResult {
  return html`<section class="axes" aria-label=${t("What to compare")}>
    <h2>${t("What to compare")}</h2>
    ${axisTexts().map(({ key, label, values }) => {
      const chosen: readonly string[] = axes[key];
      return html`<fieldset class="axis" data-axis=${key}>
        <legend>${label}</legend>
        ${values.map(([value, text]) => {
          const on = chosen.includes(value);
          // One at least stays.
          const only = on && chosen.length === 1;
          const next = () => values.flatMap(([each]) => (chosen.includes(each) !== (each === value) ? [each] : []));
          return html`<label>
            <input
              type="checkbox"
              value=${value}
              ?disabled=${fixed || only}
              .checked=${live(on)}
              @change=${() => change({ ...axes, [key]: next() })}
            />
            ${text}
          </label>`;
        })}
      </fieldset>`;
    })}
    <div class="choice">
      <label for="axis-seeds">${t("Seeds")}</label>
      <select
        id="axis-seeds"
        ?disabled=${fixed}
        aria-describedby="about-seeds"
        @change=${(event: Event) => change({ ...axes, seeds: Number((event.target as HTMLSelectElement).value) })}
      >
        ${SEEDS.map((seeds) => html`<option value=${seeds} .selected=${live(seeds === axes.seeds)}>${seeds}</option>`)}
      </select>
      <p class="quiet" id="about-seeds">${t("Trainings of each setting, each with other held-out classes. A difference within their spread is chance.")}</p>
    </div>
    <label class="full">
      <input
        type="checkbox"
        ?disabled=${fixed}
        .checked=${live(axes.full)}
        @change=${(event: Event) => change({ ...axes, full: (event.target as HTMLInputElement).checked })}
      />
      ${t("Every combination, instead of one factor at a time")}
    </label>
  </section>`;
}

const SEEDS = [1, 2, 3, 4, 5, 10] as const;

function axisTexts(): readonly {
  readonly key: Listed;
  readonly label: string;
  readonly values: readonly (readonly [value: string, text: string])[];
}[] {
  return [
    {
      key: "configs",
      label: t("Descriptors, in order: the first one feeds the classifier"),
      values: ABLATION_CONFIGS.map((config) => [config, config] as const),
    },
    {
      key: "losses",
      label: t("Losses"),
      values: [
        ["ranking", t("ranking")],
        ["ranking+classification", t("ranking and classification")],
      ],
    },
    {
      key: "tricks",
      label: t("Tricks of the classification loss"),
      values: [
        ["none", t("none")],
        ["ls", t("label smoothing")],
        ["ts", t("temperature")],
        ["both", t("both")],
      ],
    },
    {
      key: "combine",
      label: t("How branches are combined"),
      values: [
        ["concat", t("side by side")],
        ["sum", t("added up (measured only)")],
      ],
    },
  ];
}

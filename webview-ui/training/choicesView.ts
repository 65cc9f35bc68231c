import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import {
  type ChosenForTraining,
  type StartModel,
  TRAINING_MODES,
  type TrainingChoices,
  type TrainingOptions,
} from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { Choice } from "./choice.ts";
import { choices } from "./choices.ts";
import type { Drafts } from "./drafts.ts";

/** The fields as they are shown and typed into. */
export interface ChoiceFields {
  readonly options: TrainingOptions;
  readonly models: readonly StartModel[];
  /** What empty fields stand for; absent where it is not known. */
  readonly chosen?: ChosenForTraining | undefined;
  /** A run is shown: nothing can be changed. */
  readonly fixed: boolean;
  readonly drafts: Drafts;
  /** For the trainings of an ablation: what these differ in is no choice of its own. */
  readonly ablation: boolean;
  /** What a choice makes impossible, as the host found. */
  readonly problem: { readonly about: string; readonly text: string } | null;
  change(choices: TrainingChoices): void;
  /** A draft changed. */
  typed(): void;
}

/** The built-in engine takes the steps of an ablation. */
const DIFFERING: ReadonlySet<Choice["key"]> = new Set(["descriptors", "seed", "engine", "ranks", "precision"]);

/** Everything that can be chosen; while a run is shown, what was. */
export function renderChoices(fields: ChoiceFields): TemplateResult {
  const { options, fixed, change, drafts, ablation } = fields;
  const ours = choices().filter(({ modes, key }) => modes.includes(options.mode) && !(ablation && DIFFERING.has(key)));
  const [often, seldom] = [ours.filter((choice) => choice.often), ours.filter((choice) => !choice.often)];
  const field = (choice: Choice) => renderChoice(choice, fields);
  return html`<section class="choices" aria-label=${t("Choices")}>
    <fieldset class="modes">
      <legend>${t("What to train")}</legend>
      ${TRAINING_MODES.filter((mode) => (!fixed || mode === options.mode) && !(ablation && mode === "whiten")).map(
        (mode) =>
          html`<label class="mode">
            ${
              fixed
                ? nothing
                : html`<input
                    type="radio"
                    name="mode"
                    value=${mode}
                    .checked=${live(options.mode === mode)}
                    @change=${() => change({ mode })}
                  />`
            }
            <span><b>${modeText(mode)[0]}</b> <span class="quiet">${modeText(mode)[1]}</span></span>
          </label>`,
      )}
    </fieldset>
    ${renderModel(fields)} ${often.map(field)}
    <details class="more-choices" ?open=${seldom.some((choice) => drafts.problemOf(choice) !== null)}>
      <summary>${t("More choices")}</summary>
      ${seldom.map(field)}
    </details>
  </section>`;
}

function modeText(mode: TrainingOptions["mode"]): readonly [string, string] {
  return {
    whiten: [t("Adapt without labels"), t("Whitens each branch for these images.")] as const,
    head: [t("Head"), t("The FC of every branch, on the backbone as it is.")] as const,
    full: [t("Full"), t("The whole network end to end, as in the paper; for 1,000 images or more.")] as const,
  }[mode];
}

function renderModel({ options: { model }, models, fixed, change }: ChoiceFields): TemplateResult {
  const shown = models.find(({ name, builtIn }) => (model === null ? builtIn : name === model));
  return html`<div class="choice">
    <label for="choice-model">${t("Start from")}</label>
    <select
      id="choice-model"
      ?disabled=${fixed}
      aria-describedby="about-model"
      @change=${(event: Event) => {
        const name = (event.target as HTMLSelectElement).value;
        change({ model: models.find((each) => each.name === name)?.builtIn === true ? null : name });
      }}
    >
      ${
        shown === undefined
          ? html`<option selected value=${model ?? ""}>${model ?? t("the built-in model")}</option>`
          : nothing
      }
      ${models.map(({ name }) => html`<option value=${name} .selected=${live(name === shown?.name)}>${name}</option>`)}
    </select>
    <p class="quiet" id="about-model">${shown?.detail ?? t("The model whose weights are trained on.")}</p>
  </div>`;
}

function renderChoice(choice: Choice, fields: ChoiceFields): TemplateResult {
  const about = `about-${choice.key}`;
  const found = fields.problem?.about === choice.key ? fields.problem.text : null;
  const problem = fields.fixed ? null : (fields.drafts.problemOf(choice) ?? found);
  return html`<div class="choice">
    <label for="choice-${choice.key}">${choice.label}</label>
    ${renderField(choice, fields, problem !== null)}
    <p class="quiet" id=${about}>${choice.meaning}</p>
    <p class="field-problem" id="problem-${choice.key}" role="status">${problem ?? nothing}</p>
  </div>`;
}

/** What an empty field says: the number that is chosen for it, where that is known. */
function emptyText(
  choice: Extract<Choice, { empty?: string }>,
  chosen: ChosenForTraining | undefined,
): string | undefined {
  const number = choice.key in (chosen ?? {}) ? chosen?.[choice.key as keyof ChosenForTraining] : undefined;
  return number === undefined ? choice.empty : t("{0}, chosen", String(number));
}

function renderField(choice: Choice, fields: ChoiceFields, invalid: boolean): TemplateResult {
  const { options, fixed, drafts, change, typed } = fields;
  const value = options[choice.key];
  const id = `choice-${choice.key}`;
  const about = `about-${choice.key} problem-${choice.key}`;
  const set = (next: string | number | boolean | null) => change({ [choice.key]: next });
  switch (choice.kind) {
    case "list":
      return html`<select
        id=${id}
        ?disabled=${fixed}
        aria-describedby=${about}
        @change=${(event: Event) => set(choice.values[(event.target as HTMLSelectElement).selectedIndex]!.value)}
      >
        ${choice.values.map((each) => html`<option .selected=${live(each.value === value)}>${each.label}</option>`)}
      </select>`;
    case "switch":
      return html`<input
        id=${id}
        type="checkbox"
        ?disabled=${fixed}
        aria-describedby=${about}
        .checked=${live(value === true)}
        @change=${(event: Event) => set((event.target as HTMLInputElement).checked)}
      />`;
    case "text":
    case "number":
      // No number field: that one swallows what it does not understand.
      return html`<input
        id=${id}
        type="text"
        inputmode=${choice.kind === "number" ? "decimal" : "text"}
        maxlength="200"
        ?disabled=${fixed}
        aria-describedby=${about}
        aria-invalid=${invalid ? "true" : "false"}
        placeholder=${emptyText(choice, fields.chosen) ?? nothing}
        .value=${live(fixed ? String(value ?? "") : drafts.textOf(choice, value))}
        @input=${(event: Event) => {
          const next = drafts.type(choice, (event.target as HTMLInputElement).value);
          typed();
          if (next !== undefined && next !== value) set(next);
        }}
        @change=${() => {
          drafts.leave(choice);
          typed();
        }}
      />`;
  }
}

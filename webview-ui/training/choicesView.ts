import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { type StartModel, TRAINING_MODES, type TrainingChoices, type TrainingOptions } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { Choice } from "./choice.ts";
import { choices } from "./choices.ts";

/** Everything that can be chosen; while a run is shown, what was. */
export function renderChoices(
  options: TrainingOptions,
  models: readonly StartModel[],
  fixed: boolean,
  change: (choices: TrainingChoices) => void,
): TemplateResult {
  const ours = choices().filter(({ modes }) => modes.includes(options.mode));
  const field = (choice: Choice) => renderChoice(choice, options, fixed, change);
  return html`<section class="choices" aria-label=${t("Choices")}>
    <fieldset class="modes">
      <legend>${t("What to train")}</legend>
      ${TRAINING_MODES.filter((mode) => !fixed || mode === options.mode).map(
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
    ${renderModel(options, models, fixed, change)} ${ours.filter(({ often }) => often).map(field)}
    <details class="more-choices">
      <summary>${t("More choices")}</summary>
      ${ours.filter(({ often }) => !often).map(field)}
    </details>
  </section>`;
}

function modeText(mode: TrainingOptions["mode"]): readonly [string, string] {
  return {
    whiten: [t("Adapt without labels"), t("Whitens each branch for these images. Takes seconds.")] as const,
    head: [t("Head"), t("The FC of every branch, on the backbone as it is. Takes about a minute.")] as const,
    full: [
      t("Full"),
      t("The whole network end to end, as in the paper. Long without a GPU; for 1,000 images or more."),
    ] as const,
  }[mode];
}

function renderModel(
  { model }: TrainingOptions,
  models: readonly StartModel[],
  fixed: boolean,
  change: (choices: TrainingChoices) => void,
): TemplateResult {
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

function renderChoice(
  choice: Choice,
  options: TrainingOptions,
  fixed: boolean,
  change: (choices: TrainingChoices) => void,
): TemplateResult {
  const id = `choice-${choice.key}`;
  const about = `about-${choice.key}`;
  const set = (value: string | number | boolean | null) => change({ [choice.key]: value });
  return html`<div class="choice">
    <label for=${id}>${choice.label}</label>
    ${renderField(choice, options[choice.key], { id, about, fixed, set })}
    <p class="quiet" id=${about}>${choice.meaning}</p>
  </div>`;
}

function renderField(
  choice: Choice,
  value: string | number | boolean | null,
  {
    id,
    about,
    fixed,
    set,
  }: { id: string; about: string; fixed: boolean; set(value: string | number | boolean | null): void },
): TemplateResult {
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
      return html`<input
        id=${id}
        type="text"
        maxlength="200"
        ?disabled=${fixed}
        aria-describedby=${about}
        placeholder=${choice.empty}
        .value=${live(String(value ?? ""))}
        @change=${(event: Event) => set((event.target as HTMLInputElement).value.trim() || null)}
      />`;
    case "number":
      return html`<input
        id=${id}
        type="number"
        min=${choice.min}
        max=${choice.max}
        step=${choice.step}
        ?required=${choice.empty === undefined}
        ?disabled=${fixed}
        aria-describedby=${about}
        placeholder=${choice.empty ?? nothing}
        .value=${live(String(value ?? ""))}
        @change=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          // What is no such number stays in the field, and the browser says what it wants.
          if (!input.reportValidity()) return;
          set(input.value === "" ? null : input.valueAsNumber);
        }}
      />`;
  }
}

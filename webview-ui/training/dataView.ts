import { html, nothing, type TemplateResult } from "lit";
import type { TrainingAction, TrainingOptions, TrainingPageState } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { duration } from "./numbers.ts";

/** What is trained on: its counts and split, what is odd about it, and where it comes from. */
export function renderData(state: TrainingPageState, act: (action: TrainingAction) => void): TemplateResult {
  const { options, data, stage, restricted, counting } = state;
  const choosing = stage === "choosing";
  const n = (value: number) => value.toLocaleString();
  return html`<section class="data" aria-label=${t("Data")} aria-busy=${counting}>
    <h2>${t("Data")}</h2>
    <p class="source">
      <span class="name" title=${options.labels ?? options.folder}>
        ${sourceOf(options)}
      </span>
      ${
        choosing
          ? html`<button class="link" @click=${() => act("pickFolder")}>${t("Other folder...")}</button>
              ${
                options.labels === null
                  ? html`<button class="link" @click=${() => act("pickLabels")}>${t("Labels file...")}</button>`
                  : html`<button class="link" @click=${() => act("dropLabels")}>${t("Use folders")}</button>`
              }`
          : nothing
      }
    </p>
    ${
      data === null
        ? restricted
          ? nothing
          : html`<div class="counting" role="status"><span class="unseen">${t("Counting images")}</span><i></i><i></i><i></i></div>`
        : html`<dl class="counts">
              <div><dt>${t("Classes")}</dt><dd>${n(data.classes)}</dd></div>
              <div><dt>${t("Images")}</dt><dd>${n(data.images)}</dd></div>
              <div>
                <dt>${t("Trained on")}</dt>
                <dd>${imagesOf(data.trainImages, data.trainClasses)}</dd>
              </div>
              <div>
                <dt>${t("Held out")}</dt>
                <dd>${imagesOf(data.testImages, data.testClasses)}</dd>
              </div>
              ${
                data.singletons === 0
                  ? nothing
                  : html`<div title=${t("A class of one image has no pair to train on or to find.")}>
                      <dt>${t("Classes of one image")}</dt>
                      <dd>${n(data.singletons)}</dd>
                    </div>`
              }
              ${
                choosing && data.seconds !== null && state.ablation === null
                  ? html`<div><dt>${t("Estimated time")}</dt><dd>${duration(data.seconds)}</dd></div>`
                  : nothing
              }
            </dl>
            ${renderWarnings(data.warnings)}
            ${data.problem === null || (data.about !== undefined && data.about !== "model") ? nothing : html`<p class="problem" role="alert">${data.problem}</p>`}`
    }
  </section>`;
}

export function renderWarnings(warnings: readonly string[]): TemplateResult | typeof nothing {
  if (warnings.length === 0) return nothing;
  return html`<ul class="warnings">
    ${warnings.map((warning) => html`<li>${warning}</li>`)}
  </ul>`;
}

function sourceOf({ labels, labelColumn }: TrainingOptions): string {
  if (labels === null) return t("Each folder is a class");
  const name = nameOf(labels);
  return labelColumn === null ? t("Classes from {0}", name) : t("Classes from {0}, column {1}", name, labelColumn);
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

function imagesOf(images: number, classes: number): string {
  const shown = images.toLocaleString();
  return classes === 1
    ? t("{0} images, one class", shown)
    : t("{0} images, {1} classes", shown, classes.toLocaleString());
}

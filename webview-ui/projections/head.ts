import { html, nothing, type TemplateResult } from "lit";
import type { ProjectionsAction, ProjectionsState, ProjectionsWork } from "../../src/shared/index.ts";
import { t } from "../strings.ts";

/** What somebody hears who sees no maps: what is under way, without how far it is, then that it is finished. */
export function announced({ work, summary }: ProjectionsState): string {
  if (work !== null) return phaseText(work.phase);
  return summary === null ? "" : t("The maps are finished");
}

/** What is shown, what is under way and what went wrong. */
export function renderHead(
  { folder, under, work, summary, notice }: ProjectionsState,
  count: number,
  act: (action: ProjectionsAction) => void,
  controls: TemplateResult | typeof nothing,
): TemplateResult {
  const excluded = summary?.excluded ?? 0;
  return html`<header>
    <div class="line">
      <h1 title=${under === "" ? folder : `${folder}/${under}`}>${under === "" ? folder : `${folder}/${under}`}</h1>
      <span class="quiet about-images">
        ${count === 0 ? nothing : count === 1 ? t("1 image") : t("{0} images", count.toLocaleString())}${
          excluded === 0 ? nothing : html` · ${t("{0} left out: a vector of theirs is zero or not finite", excluded)}`
        }
      </span>
      ${work === null ? nothing : renderWork(work, act)}
    </div>
    ${work === null ? html`<div class="work-bar"></div>` : renderBar(work)}
    ${controls}
    ${
      notice === null
        ? nothing
        : html`<div class="notice ${notice.kind}" role=${notice.kind === "error" ? "alert" : "status"}>
            <span class="text">${notice.text}</span>
            ${notice.actions.map(
              (action, i) =>
                html`<button class=${i === 0 ? "primary" : "secondary"} @click=${() => act(action)}>
                  ${actionLabel(action)}
                </button>`,
            )}
          </div>`
    }
  </header>`;
}

function renderWork(work: ProjectionsWork, act: (action: ProjectionsAction) => void): TemplateResult {
  return html`<span class="work quiet">${workText(work)}</span>
    <button class="link" @click=${() => act("stop")}>${actionLabel("stop")}</button>`;
}

function renderBar(work: ProjectionsWork): TemplateResult {
  return html`<div class="work-bar">
    <progress
      aria-label=${workText(work)}
      max=${work.done === null ? nothing : 1}
      value=${work.done === null ? nothing : work.done}
    ></progress>
  </div>`;
}

function workText({ phase, done }: ProjectionsWork): string {
  const text = phaseText(phase);
  return done === null ? text : `${text} · ${Math.floor(100 * done)} %`;
}

function phaseText(phase: ProjectionsWork["phase"]): string {
  return {
    opening: t("Opening the index"),
    indexing: t("Indexing images"),
    reading: t("Reading the index"),
    neighbours: t("Finding neighbours"),
    layout: t("Laying out maps"),
    quality: t("Measuring maps"),
  }[phase];
}

function actionLabel(action: ProjectionsAction): string {
  return {
    indexFolder: t("Index folder"),
    wholeFolder: t("Show the whole folder"),
    manageTrust: t("Manage workspace trust"),
    run: t("Make the maps"),
    retry: t("Try again"),
    showLog: t("Show log"),
    enterPassword: t("Enter password..."),
    stop: t("Stop"),
  }[action];
}

import { html, nothing, type TemplateResult } from "lit";
import {
  COMBINED,
  judgeFigure,
  type RunProgress,
  settingName,
  type TrainingAction,
  type TrainingNotice,
  type TrainingPageState,
} from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { hasFigures, reached, referenceOf, withInterval } from "./findings.ts";
import { duration } from "./numbers.ts";

type Act = (action: TrainingAction) => void;

/**
 * What is under way, and what can be done about it: one primary button, the first.
 * @param unusable a field holds what cannot be used
 */
export function renderHead(state: TrainingPageState, act: Act, unusable: boolean): TemplateResult {
  const { folder, stage, run, indexing, notice, restricted } = state;
  const offered = actionsOf(state);
  const work = shownWork(run);
  const known = work !== null && work.total > 0;
  const shownStage = unusable && stage === "choosing" ? t("A choice cannot be used") : stageText(state);
  return html`<header>
    <div class="line">
      <h1 title=${folder}>${folder}</h1>
      <span class="stage quiet" aria-hidden="true">${shownStage}</span>
      <span class="unseen" role="status">${withoutShare(shownStage)}</span>
      <span class="buttons">
        ${offered.map(
          (action, i) =>
            html`<button
              class=${i === 0 ? "primary" : "secondary"}
              data-action=${action}
              ?disabled=${(action === "start" || action === "elsewhere") && (unusable || !mayStart(state))}
              @click=${() => act(action)}
            >
              ${actionLabel(action, state)}
            </button>`,
        )}
      </span>
    </div>
    <div class="work-bar">
      ${
        stage === "running" || stage === "stopping" || stage === "pausing" || indexing !== undefined
          ? html`<progress
              aria-label=${stageText(state)}
              max=${known || typeof indexing === "number" ? 1 : nothing}
              value=${typeof indexing === "number" ? indexing : known ? work.done / work.total : nothing}
            ></progress>`
          : nothing
      }
    </div>
    ${
      restricted
        ? renderNotice(
            {
              kind: "info",
              text: t("This workspace is not trusted, so nothing is trained on its images. Trust the workspace first."),
              actions: ["manageTrust"],
            },
            state,
            act,
          )
        : nothing
    }
    ${notice === null ? nothing : renderNotice(notice, state, act)}
  </header>`;
}

/** How far work is stands in its bar; read out with each per cent it would leave no quiet. */
function withoutShare(text: string): string {
  return text.replace(/ · \d+ %$/, "");
}

/** Of an ablation, its trainings. */
function shownWork(run: RunProgress | null): { readonly done: number; readonly total: number } | null {
  if (run?.ablation == null) return run?.work ?? null;
  return { done: run.ablation.done, total: run.ablation.of };
}

function renderNotice({ kind, text, actions }: TrainingNotice, state: TrainingPageState, act: Act): TemplateResult {
  return html`<div class="notice ${kind}" role=${kind === "error" ? "alert" : "status"}>
    <span class="text">${text}</span>
    ${actions.map(
      (action) => html`<button class="secondary" @click=${() => act(action)}>${actionLabel(action, state)}</button>`,
    )}
  </div>`;
}

function mayStart({ data, restricted, counting }: TrainingPageState): boolean {
  return !restricted && !counting && data !== null && data.problem === null;
}

/** The primary one first. */
function actionsOf(state: TrainingPageState): readonly TrainingAction[] {
  if (state.ablation !== null) return ABLATION_ACTIONS[state.stage];
  const { stage, options, run, used, usedBefore, indexing } = state;
  switch (stage) {
    case "choosing":
      return options.engine === "torch" && options.mode !== "whiten" ? ["start", "elsewhere"] : ["start"];
    case "running":
      return ["pause", "stop"];
    case "pausing":
    case "paused":
      return ["resume", "stop"];
    case "stopping":
      return [];
    case "waiting":
      return ["importWeights", "again"];
    case "interrupted":
      return ["resume", "again"];
    case "failed":
      // Where nothing ran, there is nothing to go on from.
      return run === null || (run.latest === null && run.evaluations.length === 0) ? ["again"] : ["again", "resume"];
    case "done": {
      if (indexing !== undefined) return [];
      const compare: readonly TrainingAction[] = run?.examples == null ? [] : ["compareModels"];
      const back: readonly TrainingAction[] = usedBefore === null ? [] : ["unuse"];
      if (used) return [...compare, "projections", ...back, "again"];
      return run?.result?.improved === true ? ["use", ...compare, "again"] : ["again", "use", ...compare];
    }
  }
}

const ABLATION_ACTIONS: Readonly<Record<TrainingPageState["stage"], readonly TrainingAction[]>> = {
  choosing: ["start"],
  running: ["stop"],
  pausing: ["stop"],
  paused: ["resume", "stop"],
  stopping: [],
  waiting: [],
  interrupted: ["resume", "again"],
  failed: ["again", "resume"],
  done: ["openTables", "again"],
};

function stageText(state: TrainingPageState): string {
  return state.ablation === null || state.run === null ? trainingText(state) : ablationText(state.stage, state.run);
}

/** Which training is under way, of how many. */
function ablationText(stage: TrainingPageState["stage"], { ablation, work }: RunProgress): string {
  const { done = 0, of = 0, current = null, seconds = 0 } = ablation ?? {};
  switch (stage) {
    case "running":
      return current === null
        ? workText(work)
        : t("{0} of {1}: {2}, seed {3}", done + 1, of, settingName(current), current.seed);
    case "stopping":
      return t("Stopping; what is done is kept");
    case "interrupted":
      return t("Interrupted after {0} of {1}", done, of);
    case "done":
      return t("Done in {1}; trainings: {0}", of, duration(seconds));
    case "failed":
      return t("Failed");
    default:
      return "";
  }
}

function trainingText({ stage, counting, data, run, indexing, folder }: TrainingPageState): string {
  if (indexing !== undefined) {
    const text = t("Indexing {0}", folder);
    // Rounded down as in the status bar; a share such as 0.29 is a little less than it says.
    return indexing === null ? text : `${text} · ${Math.floor(100 * indexing + 1e-9)} %`;
  }
  switch (stage) {
    case "choosing":
      return counting || data === null ? "" : data.problem === null ? t("Ready") : "";
    case "running":
      return workText(run?.work ?? null);
    case "pausing":
      return t("Pausing after this step");
    case "paused":
      return t("Paused");
    case "stopping":
      return t("Stopping, the best so far is kept");
    case "waiting":
      return t("Waiting for the weights of another machine");
    case "interrupted":
      return t("Interrupted");
    case "failed":
      return t("Failed");
    case "done": {
      return run === null ? t("Done") : doneText(run);
    }
  }
}

/** What combined finds now, and how much that can tell. */
function doneText(run: RunProgress): string {
  const after = reached(run)?.[COMBINED]?.["recall@1"];
  const before = referenceOf(run)?.[COMBINED]?.["recall@1"];
  if (after == null || before == null || !hasFigures(run)) return t("Done");
  const [from, to] = [before, after].map((recall) => {
    const { share, interval } = withInterval(recall, run);
    return interval === "" ? share : `${share} (${interval})`;
  });
  const text = t("Done: Recall@1 of combined from {0} to {1}", from!, to!);
  if (run.basis === undefined) return text;
  const { queries } = run.basis;
  const few = judgeFigure(run.basis) === "tooFewToTell";
  return `${text}, ${few ? t("{0} queries: too few to tell", queries) : t("{0} queries", queries.toLocaleString())}`;
}

function workText(work: NonNullable<TrainingPageState["run"]>["work"]): string {
  if (work === null) return t("Starting");
  const text = {
    preparing: t("Preparing"),
    embedding: t("Embedding images"),
    training: t("Training"),
    evaluating: t("Measuring on held-out images"),
    writing: t("Writing the model"),
  }[work.phase];
  return work.total === 0 ? text : `${text} · ${Math.floor((100 * work.done) / work.total)} %`;
}

function actionLabel(action: TrainingAction, { root, usedBefore, ablation }: TrainingPageState): string {
  return {
    start: t("Start"),
    elsewhere: t("Run elsewhere..."),
    importWeights: t("Import weights"),
    showElsewhere: t("Show how to start it"),
    pause: t("Pause"),
    resume: t("Resume"),
    stop: ablation === null ? t("Stop and keep the best") : t("Stop"),
    use: t("Use this model for {0}", root),
    unuse: t("Back to {0}", usedBefore ?? ""),
    compareModels: t("Compare"),
    projections: t("Projections"),
    again: ablation === null ? t("Train again") : t("Compare again"),
    openTables: t("Open the tables"),
    showRunning: t("Show it"),
    setUpTorch: t("Set up torch..."),
    retry: t("Try again"),
    showLog: t("Show log"),
    manageTrust: t("Manage workspace trust"),
    pickFolder: t("Other folder..."),
    pickLabels: t("Labels file..."),
    dropLabels: t("Use folders"),
  }[action];
}

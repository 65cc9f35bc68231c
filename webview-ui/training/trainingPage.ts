import { html, LitElement, nothing, type TemplateResult } from "lit";
import {
  call,
  type SavedTraining,
  type TrainingAction,
  type TrainingPageNotifications,
  type TrainingPageRequests,
  type TrainingPageState,
} from "../../src/shared/index.ts";
import { FocusOnce } from "../focusOnce.ts";
import type { HostLink, VsCodeApi } from "../rpc.ts";
import { t } from "../strings.ts";
import { ThumbnailStore } from "../thumbnailStore.ts";
import { renderAxes, renderPlan, renderTables } from "./ablationView.ts";
import { renderHead } from "./actions.ts";
import { choices } from "./choices.ts";
import { renderChoices } from "./choicesView.ts";
import { renderData, renderWarnings } from "./dataView.ts";
import { Drafts } from "./drafts.ts";
import { renderRecalls } from "./recallsView.ts";
import { renderCurves, renderDevices, renderExamples, renderFigures, stylesOf } from "./runView.ts";

/** Pixels; on a dense display each is drawn with two of the thumbnail's. */
const THUMBNAIL_SIZE = 160;

/** The training panel: what is trained on and how, and what it brings while it runs. */
export class TrainingPage extends LitElement {
  static override properties = { state: { state: true } };
  declare state: TrainingPageState | undefined;
  #api!: VsCodeApi;
  #connection!: HostLink;
  #saved: SavedTraining | undefined;
  readonly #drafts = new Drafts();
  readonly #thumbnails = new ThumbnailStore((path) => this.#ask("thumbnail", { path, size: THUMBNAIL_SIZE }));

  constructor() {
    super();
    new FocusOnce(this, "header .primary:not(:disabled)", {
      instead: ".notice button, main[data-stage=choosing][aria-busy=false] button",
    });
  }

  /** Asks the host for everything and follows its changes. */
  async connect(api: VsCodeApi, connection: HostLink): Promise<void> {
    this.#api = api;
    this.#drafts.restore((api.getState() as { drafts?: unknown } | undefined)?.drafts);
    this.#connection = connection;
    const show = ({ state, saved }: TrainingPageNotifications["state"]) => {
      this.state = state;
      this.#saved = saved;
      this.#keep();
    };
    connection.onNotification("state", show);
    connection.listen();
    show(await this.#ask("ready", {}));
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { state } = this;
    if (state === undefined) return nothing;
    const act = (action: TrainingAction) => void this.#ask("action", { action });
    const fixed = state.stage !== "choosing";
    const { options, models, data } = state;
    // Before the first count too: until it is known whether it can start, nothing else is what one would use first.
    const counting = state.counting || (data === null && !state.restricted && state.notice === null);
    const shown = renderChoices({
      ...{ options, models, fixed, chosen: data?.chosen, drafts: this.#drafts, ablation: state.ablation !== null },
      problem: data?.problem != null && data.about !== undefined ? { about: data.about, text: data.problem } : null,
      change: (choice) => void this.#ask("change", { choices: choice }),
      typed: () => {
        this.#keep();
        this.requestUpdate();
      },
    });
    const unusable = this.#drafts.hasProblem(choices(), options.mode);
    return html`${renderHead(state, act, unusable)}
      <main data-stage=${state.stage} aria-busy=${counting}>
        <div class="left">
          ${renderData(state, act)}
          ${
            state.ablation === null
              ? nothing
              : renderAxes(state.ablation, fixed, (axes) => void this.#ask("changeAblation", { axes }))
          }
          ${fixed ? html`<details class="chosen"><summary>${t("Choices")}</summary>${shown}</details>` : shown}
        </div>
        <div class="right">${this.#run(state)}</div>
      </main>`;
  }

  /** Keeps what outlives a hidden page and a reload of the window. A run tells of itself often; this changes seldom. */
  #keep(): void {
    const kept = { ...this.#saved, drafts: this.#drafts.kept };
    if (JSON.stringify(this.#api.getState()) !== JSON.stringify(kept)) this.#api.setState(kept);
  }

  #run(state: TrainingPageState): TemplateResult | typeof nothing {
    const { run, root, ablation } = state;
    if (ablation !== null) {
      if (run === null) return renderPlan(state, ablation);
      return html`${renderDevices(run)} ${renderWarnings(run.warnings)} ${renderTables(state, ablation)}`;
    }
    if (run === null) {
      return html`<div class="before quiet">
        <p>
          ${t(
            "The model learns from some of the classes and is measured on the others, before and after. Its curves, and what it finds, show here while it learns.",
          )}
        </p>
        <p>${t("The model in use is not changed. At the end you decide whether the new one is used.")}</p>
      </div>`;
    }
    const open = (path: string) => void this.#ask("open", { path });
    return html`${renderFigures(run)} ${renderDevices(run)} ${renderWarnings(run.warnings)} ${run.baseline === null && run.failure !== null ? nothing : renderCurves(run)} ${renderRecalls(run, stylesOf(run), root)}
    ${renderExamples(run, this.#thumbnails, open)}`;
  }

  #ask<M extends keyof TrainingPageRequests>(
    method: M,
    params: TrainingPageRequests[M]["params"],
  ): Promise<TrainingPageRequests[M]["result"]> {
    return call<TrainingPageRequests, M, never>(this.#connection, method, params);
  }
}

customElements.define("lookalike-training", TrainingPage);

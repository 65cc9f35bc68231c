import { html, LitElement, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import {
  call,
  type EvaluationChoice,
  type EvaluationPageNotifications,
  type EvaluationPageRequests,
  type EvaluationReport,
  type EvaluationState,
  evaluationMarkup,
  type Notice,
  type NoticeAction,
  type SavedEvaluation,
  html as safe,
} from "../../src/shared/index.ts";
import { FocusOnce } from "../focusOnce.ts";
import { likelyColumn } from "../labelSource.ts";
import { noticeLabel } from "../noticeLabel.ts";
import { type HostLink, reasonOf, type VsCodeApi } from "../rpc.ts";
import { t } from "../strings.ts";
import { retryThumbnails, type Thumbnail } from "../thumbnail.ts";
import { ThumbnailStore } from "../thumbnailStore.ts";
import { renderChoices } from "./choices.ts";

/** Pixels; on a dense display each is drawn with up to two of the thumbnail's. */
const THUMBNAIL_SIZE = 96;

/** The report on a folder's retrieval, and what it is made of. */
export class EvaluationPage extends LitElement {
  static override properties = { state: { state: true }, saved: { state: true }, problem: { state: true } };
  declare state: EvaluationState | undefined;
  declare saved: SavedEvaluation | undefined;
  /** Why a choice cannot be; null where one can. */
  declare problem: string | null;

  #api!: VsCodeApi;
  #connection!: HostLink;
  readonly #thumbnails = new ThumbnailStore((path) => this.#ask("thumbnail", { path, size: THUMBNAIL_SIZE }));

  constructor() {
    super();
    new FocusOnce(this, "header select, header button, main select, main button");
    this.problem = null;
  }

  async connect(api: VsCodeApi, connection: HostLink): Promise<void> {
    this.#api = api;
    this.#connection = connection;
    connection.onNotification("state", (shown: EvaluationPageNotifications["state"]) => this.#show(shown));
    connection.listen();
    this.#show(await this.#ask("ready", {}));
  }

  protected override createRenderRoot(): this {
    return this;
  }

  #show({ state, saved }: EvaluationPageNotifications["state"]): void {
    this.state = state;
    this.saved = saved;
    this.#api.setState(saved);
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.state === undefined || this.saved === undefined) return nothing;
    const { folder, report, progress, notice } = this.state;
    return html`<header>
        <div class="title">
          <h1>${t("Retrieval in {0}", folder)}</h1>
          ${
            report === null
              ? nothing
              : html`<button class="secondary" @click=${() => void this.#ask("save", {})}>${t("Save report...")}</button>`
          }
        </div>
        ${renderChoices(this.state, this.saved, {
          choose: (change) => void this.#choose(change),
          chooseTable: () => void this.#chooseTable(),
          chooseBoxes: () => void this.#chooseBoxes(),
        })}
        ${this.problem === null ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
        ${progress === null ? nothing : this.#progress(progress)} ${notice === null ? nothing : this.#notice(notice)}
      </header>
      <p class="unseen" role="status">${progress?.text ?? (report === null ? nothing : t("The report is finished"))}</p>
      <main aria-busy=${progress !== null} @click=${(event: Event) => this.#click(event)}>
        ${guard([report], () => (report === null ? nothing : this.#report(report)))}
      </main>`;
  }

  /** Everything in it was escaped by `evaluationMarkup`. */
  #report(report: EvaluationReport) {
    const image = (path: string) =>
      safe`<button class="link image" data-image="${path}" title="${t("Find similar to {0}", path)}"><lookalike-thumbnail class="picture"></lookalike-thumbnail><span>${path}</span></button>`;
    return unsafeHTML(evaluationMarkup(report, { t, image }).text);
  }

  protected override updated(): void {
    for (const button of this.querySelectorAll<HTMLElement>("button[data-image]")) {
      const picture = button.querySelector("lookalike-thumbnail") as Thumbnail | null;
      if (picture === null || picture.store === this.#thumbnails) continue;
      picture.path = button.dataset["image"]!;
      picture.store = this.#thumbnails;
    }
  }

  #click(event: Event): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button[data-image]") : null;
    const path = button?.dataset["image"];
    if (path !== undefined) void this.#ask("findSimilar", { path });
  }

  async #choose(change: Partial<EvaluationChoice>): Promise<void> {
    const { labels, protocol, dataset, boxes, models } = this.saved!;
    this.problem = null;
    try {
      await this.#ask("choose", { labels, protocol, dataset, boxes, models, ...change });
    } catch (error) {
      this.problem = reasonOf(error);
    }
  }

  async #chooseTable(): Promise<void> {
    try {
      const table = await this.#ask("chooseTable", {});
      const column = table === null ? undefined : likelyColumn(table);
      if (column !== undefined) await this.#choose({ labels: column });
    } catch (error) {
      this.problem = reasonOf(error);
    }
  }

  async #chooseBoxes(): Promise<void> {
    try {
      const boxes = await this.#ask("chooseBoxes", {});
      if (boxes !== null) await this.#choose({ boxes });
    } catch (error) {
      this.problem = reasonOf(error);
    }
  }

  #progress({ text, done }: NonNullable<EvaluationState["progress"]>): TemplateResult {
    return html`<div class="progress">
      <progress aria-label=${text} max=${done === null ? nothing : 1} value=${done ?? nothing}></progress>
      <span class="text">${text}</span>
      <button class="link" @click=${() => this.#act("cancelIndexing")}>${t("Cancel")}</button>
    </div>`;
  }

  #notice({ kind, text, actions }: Notice): TemplateResult {
    return html`<div class="notice ${kind}" role=${kind === "error" ? "alert" : "status"}>
      <span class="text">${text}</span>
      ${actions.map(
        (action, i) =>
          html`<button class=${i === 0 ? "primary" : "secondary"} @click=${() => this.#act(action)}>
            ${noticeLabel(action)}
          </button>`,
      )}
    </div>`;
  }

  #act(action: NoticeAction): void {
    // A password is asked for first.
    void this.#ask("action", { action }).then(() => {
      if (action === "retry" || action === "enterPassword") retryThumbnails();
    });
  }

  #ask<M extends keyof EvaluationPageRequests>(
    method: M,
    params: EvaluationPageRequests[M]["params"],
  ): Promise<EvaluationPageRequests[M]["result"]> {
    return call<EvaluationPageRequests, M, never>(this.#connection, method, params);
  }
}

customElements.define("lookalike-evaluation", EvaluationPage);

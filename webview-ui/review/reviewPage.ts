import { html, LitElement, nothing, type TemplateResult } from "lit";
import {
  call,
  type Notice,
  type NoticeAction,
  type ReviewNotifications,
  type ReviewRequests,
  type ReviewState,
  type TableColumn,
} from "../../src/shared/index.ts";
import { FocusOnce } from "../focusOnce.ts";
import { likelyColumn, renderLabelSource } from "../labelSource.ts";
import { noticeLabel } from "../noticeLabel.ts";
import { type HostLink, reasonOf, type VsCodeApi } from "../rpc.ts";
import { t } from "../strings.ts";
import { retryThumbnails } from "../thumbnail.ts";
import { ThumbnailStore } from "../thumbnailStore.ts";
import { renderDuplicates } from "./duplicates.ts";
import { renderLabels } from "./labels.ts";

/** Pixels; on a dense display each is drawn with up to two of the thumbnail's. */
const THUMBNAIL_SIZE = 256;

/** What may be wrong with a folder: pictures that are there twice, or labels that their neighbours contradict. */
export class ReviewPage extends LitElement {
  static override properties = {
    state: { state: true },
    selected: { state: true },
    source: { state: true },
    problem: { state: true },
  };
  declare state: ReviewState | undefined;
  /** Paths of duplicates that are to go. */
  declare selected: ReadonlySet<string>;

  /** Where labels come from. */
  declare source: TableColumn | null;
  /** Why a table cannot be used; null where one can. */
  declare problem: string | null;

  #api!: VsCodeApi;
  #connection!: HostLink;
  readonly #thumbnails = new ThumbnailStore((path) => this.#ask("thumbnail", { path, size: THUMBNAIL_SIZE }));

  constructor() {
    super();
    // Where nothing is listed, other labels may find something; while it is being made, the list will have the focus.
    new FocusOnce(this, "main button, main input", {
      instead: ".notice button, :has(> main[aria-busy=false]) > header select",
    });
    this.selected = new Set();
    this.source = null;
    this.problem = null;
  }

  async connect(api: VsCodeApi, connection: HostLink): Promise<void> {
    this.#api = api;
    this.#connection = connection;
    this.selected = new Set(keptSelection(api.getState()));
    connection.onNotification("state", (shown: ReviewNotifications["state"]) => this.#show(shown));
    connection.listen();
    this.#show(await this.#ask("ready", {}));
  }

  protected override createRenderRoot(): this {
    return this;
  }

  #show({ state, saved }: ReviewNotifications["state"]): void {
    this.state = state;
    this.source = saved.labels;
    this.#api.setState({ ...saved, selected: [...this.selected] });
  }

  #select(paths: ReadonlySet<string>): void {
    this.selected = paths;
    const kept = this.#api.getState();
    this.#api.setState({ ...(typeof kept === "object" ? kept : {}), selected: [...paths] });
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.state === undefined) return nothing;
    const { kind, folder, whole, duplicates, labels, progress, notice } = this.state;
    const part = whole === null ? null : { folder, whole };
    const title = kind === "duplicates" ? t("Duplicates in {0}", folder) : t("Suspicious labels in {0}", folder);
    return html`<header>
        <h1>${title}</h1>
        ${kind === "labels" ? this.#labelSource() : nothing}
        ${progress === null ? nothing : this.#progress(progress)} ${notice === null ? nothing : this.#notice(notice)}
      </header>
      <p class="unseen" role="status">${announced(this.state)}</p>
      <main aria-busy=${progress !== null}>
        ${
          duplicates === null
            ? nothing
            : renderDuplicates(duplicates, part, progress === null, this.selected, this.#thumbnails, {
                select: (paths) => this.#select(paths),
                open: (path) => void this.#ask("open", { path }),
                reveal: (path) => void this.#ask("reveal", { path }),
                trash: (paths) => void this.#remove("trash", paths),
                putAway: (paths) => void this.#remove("putAway", paths),
                saveList: (paths) => void this.#ask("saveList", { paths }),
              })
        }
        ${
          labels === null
            ? nothing
            : renderLabels(labels, part, progress === null, this.#thumbnails, {
                chooseTable: () => void this.#chooseTable(),
                open: (path) => void this.#ask("open", { path }),
                reveal: (path) => void this.#ask("reveal", { path }),
                findSimilar: (path) => void this.#ask("findSimilar", { path }),
              })
        }
      </main>`;
  }

  #labelSource(): TemplateResult {
    return html`<p class="label-source-row">
        <span aria-hidden="true">${t("Label")}</span>
        ${renderLabelSource(this.source, this.state?.tables ?? [], {
          labels: (from) => void this.#takeLabels(from),
          chooseTable: () => void this.#chooseTable(),
        })}
      </p>
      ${this.problem === null ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}`;
  }

  async #takeLabels(from: TableColumn | null): Promise<void> {
    this.problem = null;
    try {
      await this.#ask("labels", { from });
    } catch (error) {
      this.problem = reasonOf(error);
    }
  }

  async #chooseTable(): Promise<void> {
    try {
      const table = await this.#ask("chooseTable", {});
      const column = table === null ? undefined : likelyColumn(table);
      if (column !== undefined) await this.#takeLabels(column);
    } catch (error) {
      this.problem = reasonOf(error);
    }
  }

  async #remove(how: "trash" | "putAway", paths: readonly string[]): Promise<void> {
    const gone = new Set(await this.#ask(how, { paths }));
    this.#select(new Set([...this.selected].filter((path) => !gone.has(path))));
  }

  #progress({ text, done }: NonNullable<ReviewState["progress"]>): TemplateResult {
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

  #ask<M extends keyof ReviewRequests>(
    method: M,
    params: ReviewRequests[M]["params"],
  ): Promise<ReviewRequests[M]["result"]> {
    return call<ReviewRequests, M, never>(this.#connection, method, params);
  }
}

/** What somebody hears who does not see the list: what is under way, then how long it is. */
function announced({ progress, duplicates, labels }: ReviewState): string {
  if (progress !== null) return progress.text;
  if (duplicates !== null)
    return t("Finished. Groups: {0}", (duplicates.groups.length + duplicates.perhaps.length).toLocaleString());
  // A problem is read out where it stands.
  if (labels === null || labels.problem !== undefined) return "";
  return t("Finished. Images in the list: {0}", labels.suspicious.length.toLocaleString());
}

function keptSelection(kept: unknown): string[] {
  const selected = typeof kept === "object" && kept !== null && "selected" in kept ? kept.selected : [];
  return Array.isArray(selected) ? selected.filter((each) => typeof each === "string") : [];
}

customElements.define("lookalike-review", ReviewPage);

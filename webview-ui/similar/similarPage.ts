import { html, LitElement, nothing, type TemplateResult } from "lit";
import {
  call,
  type PageNotifications,
  type PageQuery,
  type PageRequests,
  type PanelState,
  type SavedQuery,
  type ShownChange,
  type ShownLabels,
  type SimilarState,
  type TableColumn,
} from "../../src/shared/index.ts";
import { likelyColumn } from "../labelSource.ts";
import { mark } from "../painted.ts";
import { type HostLink, reasonOf, type VsCodeApi } from "../rpc.ts";
import { t } from "../strings.ts";
import { type LoadedThumbnail, ThumbnailStore } from "../thumbnailStore.ts";
import { CopyGroups } from "./copyGroups.ts";
import { Draft, queryOf } from "./draft.ts";
import { exportAs } from "./exportAs.ts";
import { foldersOf, renderFilters, type ShownColumn, type ViewOptions } from "./filters.ts";
import { type HeaderActions, renderHeader } from "./header.ts";
import { listenToIncoming } from "./incoming.ts";
import type { Lists } from "./lists.ts";
import { type PageState, readPageState } from "./pageState.ts";
import { renderNothingFound, renderSkeleton } from "./placeholders.ts";
import { ResultMarks } from "./resultMarks.ts";
import { ShownLists } from "./shownLists.ts";
import { type StandIn, standInFor } from "./standIn.ts";
import type { WhyActions, WhyOptions } from "./why.ts";

/** Pixels; on a dense display each is drawn with up to two of the thumbnail's. */
const THUMBNAIL_SIZE = 256;
/** Time in which a second click makes a double click. Milliseconds. */
const DOUBLE_CLICK = 250;
/** After the last change of a drag the engine is asked. Milliseconds. */
const AFTER_DRAG = 150;

/** The similar panel: the query on top, a ranked list per descriptor and one for combined. */
export class SimilarPage extends LitElement {
  static override properties = {
    state: { state: true },
    panel: { state: true },
    querySize: { state: true },
    looked: { state: true },
    options: { state: true },
    why: { state: true },
    selected: { state: true },
    labels: { state: true },
    labelSearch: { state: true },
    dragged: { state: true },
  };
  declare state: SimilarState | undefined;
  declare panel: PanelState;
  declare querySize: LoadedThumbnail | undefined;
  /** Number of the example in the large picture. */
  declare looked: number;
  declare options: ViewOptions;
  declare why: WhyOptions;
  /** Path of the result that is explained. */
  declare selected: string | null;
  declare labels: ShownLabels;
  /** What is looked for among the labels; null while they are not shown. */
  declare labelSearch: string | null;
  /** Something that can be dropped hangs over the page. */
  declare dragged: boolean;

  readonly #lists = new ShownLists();
  readonly #copies = new CopyGroups(this, () => this.#ask("copies", {}));
  /** Number of the result that the page has. */
  #answer: number | undefined;
  #drawn: readonly ShownColumn[] = [];
  #standIn: StandIn | null = null;
  /** Length that longer lists were asked for. */
  #wanted = 0;
  #opening: number | undefined;
  #api!: VsCodeApi;
  #saved: SavedQuery | undefined;
  #connection!: HostLink;
  readonly #listening = new AbortController();
  #thumbnails = this.#newStore();
  readonly #draft = new Draft(() => void this.#askQuery());

  constructor() {
    super();
    new ResultMarks(this, () => this.state?.result ?? null);
    this.looked = 0;
    Object.assign(this, readPageState(undefined));
    this.dragged = false;
    this.labels = { tables: [], byPath: [], facets: null, problem: null };
    this.labelSearch = null;
  }

  /** Asks the host for the state and follows its changes. */
  async connect(api: VsCodeApi, connection: HostLink): Promise<void> {
    this.#api = api;
    this.#connection = connection;
    const kept = api.getState();
    Object.assign(this, readPageState(kept));
    connection.onNotification("state", (shown: PageNotifications["state"]) => this.#show(shown));
    connection.onNotification("labels", (labels: ShownLabels) => {
      this.labels = labels;
    });
    connection.listen();
    mark("ready", "");
    const { labels, ...start } = await this.#ask("ready", {});
    this.labels = labels;
    Object.assign(this, readPageState(kept, start.state.labels !== null));
    this.#show(start);
    listenToIncoming(
      {
        paste: (bytes) => void this.#ask("paste", { bytes }),
        drop: (uris) => void this.#ask("drop", { uris, sign: 1 }),
        hover: (over) => {
          this.dragged = over;
        },
      },
      this.#listening.signal,
    );
    document.addEventListener("keydown", this.#onKey, { signal: this.#listening.signal });
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening.abort();
  }

  #show({ state: change, panel, saved, answer }: ShownChange): void {
    const own = answer === this.#answer ? this.state?.result : undefined;
    // A page that has just been loaded has no result yet: it comes with the answer to its first message.
    if (own === undefined && !("result" in change)) return;
    const state: SimilarState = "result" in change && own === undefined ? change : { ...change, result: own ?? null };
    this.#answer = answer;
    if (own === undefined && state.result !== null) mark("state", state.result.query);
    const another = this.state !== undefined && state.query.path !== this.state.query.path;
    if (another) {
      this.#draft.drop();
      this.#wanted = 0;
      this.selected = null;
      this.looked = 0;
      this.querySize = undefined;
      this.querySelector<Lists>("lookalike-lists")?.reset();
    } else this.#draft.settle(queryOf(state));
    const elsewhere = saved.folder !== this.#saved?.folder || (state.across === null) !== (this.state?.across === null);
    this.#standIn = standInFor(this.#standIn, this.#drawn, this.state, state, !elsewhere);
    if (elsewhere) {
      this.#lists.forget();
      this.#thumbnails.dispose();
      this.#thumbnails = this.#newStore();
      this.#copies.forget();
    }
    this.looked = Math.min(this.looked, state.examples.length - 1);
    this.state = state;
    this.panel = panel;
    this.#saved = saved;
    this.#keep();
    if (this.options.collapse && state.progress === null) void this.#copies.follow(state, saved.folder);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { state } = this;
    if (state === undefined) return nothing;
    const { searching, result, comparison } = state;
    const query = this.#query;
    const standIn = this.#standIn;
    const columns = standIn?.columns ?? this.#columnsOf(query);
    this.#drawn = columns;
    const rows = Math.max(0, ...columns.map(({ cards }) => cards.length));
    const none = result === null && standIn === null && comparison?.some(({ ranked }) => ranked !== null) !== true;
    const branches = result?.model.descriptors ?? standIn?.branches ?? [];
    const view = { state, panel: this.panel, query, looked: this.looked, size: this.querySize, branches };
    return html`<div class="scroller">
        ${renderHeader(view, this.#thumbnails, this.#header)}
        <p class="unseen" role="status">${searching ? t("Searching") : ""}</p>
        ${
          none
            ? searching || state.progress !== null
              ? renderSkeleton()
              : nothing
            : html`${this.#filters(query)}
                <lookalike-lists
                  class=${standIn === null ? "" : "waiting"}
                  .columns=${columns}
                  .searching=${searching}
                  .selected=${this.selected}
                  .addable=${true}
                  .store=${this.#thumbnails}
                  .actions=${this.#cards}
                ></lookalike-lists>
                ${rows === 0 && !searching ? renderNothingFound(Object.keys(query.filter).length > 0) : nothing}
                ${
                  rows > 0 && standIn === null && this.#mayBeMore(state)
                    ? html`<button class="secondary more" @click=${() => this.#askMore()}>
                        ${t("Show more")}
                      </button>`
                    : nothing
                }`
        }
      </div>
      ${this.selected === null || result === null ? nothing : this.#renderWhy(query, this.selected, result.model.descriptors)}
      ${this.dragged ? html`<div class="drop-hint" aria-hidden="true">${t("Drop to add it to the query (hold Shift)")}</div>` : nothing}`;
  }

  #filters(query: PageQuery): TemplateResult {
    const { options, labels, labelSearch: search } = this;
    const shown = {
      query,
      options,
      labels,
      search,
      copiesProblem: this.#copies.problem,
      folders: foldersOf(this.#lists.paths),
      labelling: this.#lists.labelling(this.state!, labels),
      combined: this.#lists.columns.at(-1),
    };
    return renderFilters(shown, {
      filter: (filter) => this.#change({ filter }, AFTER_DRAG),
      view: (view) => {
        // Ticked again: another try.
        if (!view.collapse && this.#copies.problem !== null) this.#copies.forget();
        this.#set({ options: view });
      },
      labels: (from) => this.#takeLabels(from),
      chooseTable: () => void this.#chooseTable(),
      searchLabels: (text) => {
        this.labelSearch = text;
      },
    });
  }

  /** Labels come from somewhere else: those of the filter mean nothing there. Who chooses a table wants to see its labels. */
  #takeLabels(labels: TableColumn | null): void {
    const { labels: _, ...filter } = this.#query.filter;
    this.#change({ labels, filter }, 0);
    if (labels !== null && !this.options.labels) this.#set({ options: { ...this.options, labels: true } });
  }

  async #chooseTable(): Promise<void> {
    try {
      const table = await this.#ask("chooseTable", {});
      const column = table === null ? undefined : likelyColumn(table);
      if (column !== undefined) this.#takeLabels(column);
    } catch (error) {
      this.labels = { ...this.labels, problem: reasonOf(error) };
    }
  }

  /** Images of the longest list that was answered. */
  get #longest(): number {
    return Math.max(0, ...this.#lists.columns.map(({ cards }) => cards.length));
  }

  /** Lists that are shorter than what was asked for are at their end. */
  #mayBeMore({ folder, examples }: SimilarState): boolean {
    return this.#longest >= this.#wanted && this.#longest < folder.indexed - examples.length;
  }

  #askMore(): void {
    this.#wanted = 2 * this.#longest;
    void this.#ask("more", { k: this.#wanted });
  }

  get #query(): PageQuery {
    return this.#draft.on(queryOf(this.state!));
  }

  #columnsOf({ weights }: PageQuery): readonly ShownColumn[] {
    return this.#lists.columnsOf(this.state!, weights, this.labels, this.options, this.#copies.groups);
  }

  #renderWhy(query: PageQuery, selected: string, branches: readonly string[]): TemplateResult {
    return html`<lookalike-why
      .example=${this.state!.examples[this.looked]}
      .box=${query.examples[this.looked]?.box ?? null}
      .result=${selected}
      .branches=${branches}
      .weights=${query.weights}
      .options=${this.why}
      .store=${this.#thumbnails}
      .actions=${this.#whyActions}
    ></lookalike-why>`;
  }

  readonly #cards = {
    // Under several models there is no one explanation.
    select: (path: string) => {
      if (this.state?.comparison !== null) return void this.#ask("open", { path, mode: "preview" });
      window.clearTimeout(this.#opening);
      // The strip takes room, and must not do so between the clicks of a double click.
      this.#opening = window.setTimeout(() => this.#set({ selected: path }), this.selected === null ? DOUBLE_CLICK : 0);
    },
    walk: (path: string) => {
      if (this.selected !== null) this.#set({ selected: path });
    },
    open: (path: string, mode: "preview" | "keep") => {
      window.clearTimeout(this.#opening);
      void this.#ask("open", { path, mode });
    },
    add: (path: string, sign: 1 | -1) => {
      const { examples } = this.#query;
      if (examples.some((example) => example.path === path)) return;
      this.#change({ examples: [...examples, { path, sign, box: null }] }, 0);
    },
  };

  readonly #header: HeaderActions = {
    act: (action) => void this.#ask("action", { action }),
    loaded: (thumbnail) => {
      this.querySize = thumbnail;
    },
    open: (path) => void this.#ask("open", { path, mode: "preview" }),
    box: (box) => this.#changeExample(this.looked, { box }, AFTER_DRAG),
    scope: (across) => this.#change({ across }, 0),
    weights: (weights) => this.#change({ weights }, AFTER_DRAG),
    look: (index) => {
      this.looked = index;
    },
    turn: (index) => this.#changeExample(index, { sign: this.#query.examples[index]?.sign === 1 ? -1 : 1 }, 0),
    remove: (index) => this.#change({ examples: this.#query.examples.filter((_, i) => i !== index) }, 0),
    clear: () => this.#change({ examples: this.#query.examples.slice(0, 1).map((each) => ({ ...each, sign: 1 })) }, 0),
    pick: () => void this.#ask("pick", { sign: 1 }),
    go: (step) => void this.#ask("history", { step }),
    pin: (pinned) => void this.#ask("pin", { pinned }),
    saveQuery: () => void this.#ask("saveQuery", {}),
    export: (kind) =>
      void exportAs(kind, this.#columnsOf(this.#query), this.state!, this.#thumbnails, {
        save: (file) => this.#ask("save", file),
        copy: (text) => this.#ask("copy", { text }),
      }),
  };

  readonly #whyActions: WhyActions = {
    explain: (params) => this.#ask("explain", params),
    show: (why) => this.#set({ why }),
    close: () => this.#set({ selected: null }),
  };

  #changeExample(index: number, change: Partial<PageQuery["examples"][number]>, delay: number): void {
    const examples = this.#query.examples.map((example, i) => (i === index ? { ...example, ...change } : example));
    this.#change({ examples }, delay);
  }

  #change(changes: Partial<PageQuery>, delay: number): void {
    this.#draft.change(changes, delay);
    this.requestUpdate();
  }

  async #askQuery(): Promise<void> {
    try {
      await this.#ask("query", this.#query);
    } catch {
      // The host refused it, and logged why: what it knows is shown again.
      this.#draft.drop();
      this.requestUpdate();
    }
  }

  /** Keeps what outlives a hidden page and a reload of the window. */
  #keep(): void {
    const page: PageState = { options: this.options, why: this.why, selected: this.selected };
    this.#api.setState({ ...this.#saved, page });
  }

  #set(change: Partial<PageState>): void {
    Object.assign(this, change);
    this.#keep();
    if (this.options.collapse) void this.#copies.follow(this.state!, this.#saved?.folder ?? "");
  }

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && this.selected !== null && !event.defaultPrevented) {
      this.#set({ selected: null });
      return;
    }
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!event.altKey || event.ctrlKey || event.metaKey || (step !== 1 && step !== -1)) return;
    event.preventDefault();
    // VS Code listens further out, where the same keys lead through its editors.
    event.stopPropagation();
    this.#header.go(step);
  };

  #newStore(): ThumbnailStore {
    return new ThumbnailStore((path) => this.#ask("thumbnail", { path, size: THUMBNAIL_SIZE }));
  }

  #ask<M extends keyof PageRequests>(method: M, params: PageRequests[M]["params"]): Promise<PageRequests[M]["result"]> {
    return call<PageRequests, M, never>(this.#connection, method, params);
  }
}

customElements.define("lookalike-similar", SimilarPage);

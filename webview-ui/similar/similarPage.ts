import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { MessageConnection } from "vscode-jsonrpc/browser";
import {
  call,
  type PageNotifications,
  type PageQuery,
  type PageRequests,
  type PanelState,
  type SavedQuery,
  type ShownChange,
  type SimilarState,
} from "../../src/shared/index.ts";
import { afterPaint, mark } from "../painted.ts";
import type { VsCodeApi } from "../rpc.ts";
import { readStrings, t } from "../strings.ts";
import { type LoadedThumbnail, ThumbnailStore } from "../thumbnailStore.ts";
import { Draft, queryOf } from "./draft.ts";
import { toCsv, toJson, toMarkdown } from "./exportResults.ts";
import { foldersOf, renderFilters, type ShownColumn, shownColumns, type ViewOptions } from "./filters.ts";
import { type HeaderActions, renderHeader } from "./header.ts";
import { listenToIncoming } from "./incoming.ts";
import type { Lists } from "./lists.ts";
import { type PageState, readPageState } from "./pageState.ts";
import { toPicture } from "./picture.ts";
import { folderOf } from "./text.ts";
import type { ExportKind } from "./tools.ts";
import { type Column, columnsOf, comparedColumns } from "./viewModel.ts";
import type { WhyActions, WhyOptions } from "./why.ts";

/** Pixels; on a dense display each is drawn with up to two of the thumbnail's. */
const THUMBNAIL_SIZE = 256;
/** Time in which a second click makes a double click. Milliseconds. */
const DOUBLE_CLICK = 250;
/** After the last change of a drag the engine is asked. Milliseconds. */
const AFTER_DRAG = 150;

/** What is shown of the query before until there is an answer. */
interface StandIn {
  readonly columns: readonly ShownColumn[];
  readonly branches: readonly string[];
}

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
    groups: { state: true },
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
  /** Number of the group of the same picture by path; null until it was asked for. */
  declare groups: ReadonlyMap<string, number> | null;
  /** Something that can be dropped hangs over the page. */
  declare dragged: boolean;

  #columns: readonly Column[] = [];
  /** Of which `#columns` are. */
  #source: readonly unknown[] = [];
  #shown: { readonly source: readonly unknown[]; readonly columns: readonly ShownColumn[] } | undefined;
  /** The result that was painted last. */
  #painted: SimilarState["result"] = null;
  /** Of the result that the page has. */
  #answer: number | undefined;
  #standIn: StandIn | null = null;
  /** Length that longer lists were asked for. */
  #wanted = 0;
  #opening: number | undefined;
  #folders = new Set<string>();
  #api!: VsCodeApi;
  #saved: SavedQuery | undefined;
  #connection!: MessageConnection;
  readonly #listening = new AbortController();
  #thumbnails = this.#newStore();
  readonly #draft = new Draft(() => void this.#askQuery());

  constructor() {
    super();
    this.looked = 0;
    ({ options: this.options, why: this.why, selected: this.selected } = readPageState(undefined));
    this.dragged = false;
    this.groups = null;
  }

  /** Asks the host for the state and follows its changes. */
  async connect(api: VsCodeApi, connection: MessageConnection): Promise<void> {
    this.#api = api;
    this.#connection = connection;
    ({ options: this.options, why: this.why, selected: this.selected } = readPageState(api.getState()));
    readStrings();
    connection.onNotification("state", (shown: PageNotifications["state"]) => this.#show(shown));
    connection.listen();
    mark("ready", "");
    this.#show(await this.#ask("ready", {}));
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
    this.#standIn = this.#standInFor(state, another && !elsewhere);
    if (elsewhere) {
      this.#folders.clear();
      this.#thumbnails.dispose();
      this.#thumbnails = this.#newStore();
    }
    if (elsewhere || state.folder.indexed !== this.state?.folder.indexed) this.groups = null;
    this.looked = Math.min(this.looked, state.examples.length - 1);
    this.state = state;
    this.panel = panel;
    this.#saved = saved;
    this.#keep();
    if (this.options.collapse && state.result !== null && state.progress === null) void this.#group();
  }

  protected override updated(): void {
    const result = this.state?.result ?? null;
    if (result === this.#painted) return;
    this.#painted = result;
    if (result !== null) afterPaint(() => mark("results", result.query));
  }

  protected override render(): TemplateResult | typeof nothing {
    const { state } = this;
    if (state === undefined) return nothing;
    const { searching, result, comparison } = state;
    const query = this.#query;
    const standIn = this.#standIn;
    const columns = standIn?.columns ?? this.#columnsOf(query);
    const rows = Math.max(0, ...columns.map(({ cards }) => cards.length));
    const none = result === null && standIn === null && !anyRanked(comparison);
    const branches = result?.model.descriptors ?? standIn?.branches ?? [];
    const view = { state, panel: this.panel, query, looked: this.looked, size: this.querySize, branches };
    return html`<div class="scroller">
        ${renderHeader(view, this.#thumbnails, this.#header)}
        <p class="unseen" role="status">${searching ? t("Searching") : ""}</p>
        ${
          none
            ? this.#skeleton(searching)
            : html`${renderFilters(query.filter, this.options, foldersOf(this.#folders), {
                filter: (filter) => this.#change({ filter }, AFTER_DRAG),
                view: (options) => this.#set({ options }),
              })}
                <lookalike-lists
                  class=${standIn === null ? "" : "waiting"}
                  .columns=${columns}
                  .searching=${searching}
                  .selected=${this.selected}
                  .addable=${true}
                  .store=${this.#thumbnails}
                  .actions=${this.#lists}
                ></lookalike-lists>
                ${rows === 0 && !searching ? this.#nothingFound() : nothing}
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

  /** The lists of the query before stay while the next one is under way: nothing jumps, and most answers are quick. */
  #standInFor({ result, searching, comparison }: SimilarState, another: boolean): StandIn | null {
    if (result !== null || !searching || comparison !== null) return null;
    const before = this.state?.result ?? null;
    if (!another || before === null || this.#shown === undefined) return this.#standIn;
    return { columns: this.#shown.columns, branches: before.model.descriptors };
  }

  /** Images of the longest list that was answered. */
  get #longest(): number {
    return Math.max(0, ...this.#columns.map(({ cards }) => cards.length));
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

  /** Made anew only where something of it changed: a state comes with every step of indexing. */
  #columnsOf({ weights }: PageQuery): readonly ShownColumn[] {
    const { result, comparison, query, across } = this.state!;
    // Scores of several models do not compare, so combined is not made anew of them.
    const weighed = across?.order === "rank" ? undefined : weights;
    const source = [result, comparison, weights];
    if (source.some((each, i) => each !== this.#source[i])) {
      this.#source = source;
      this.#columns =
        comparison !== null ? comparedColumns(comparison) : result === null ? [] : columnsOf(result, weighed);
      for (const { cards } of this.#columns) for (const { path } of cards) this.#folders.add(path);
    }
    const label = this.options.labels && query.inside ? (folderOf(query.path).split("/").at(-1) ?? null) : null;
    const groups = this.options.collapse ? this.groups : null;
    const shownSource = [this.#columns, label, groups];
    if (this.#shown === undefined || shownSource.some((each, i) => each !== this.#shown!.source[i])) {
      this.#shown = { source: shownSource, columns: shownColumns(this.#columns, label, groups) };
    }
    return this.#shown.columns;
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

  #skeleton(searching: boolean): TemplateResult {
    if (!searching && this.state?.progress === null) return html``;
    const row = html`<div class="row" aria-hidden="true">${[0, 1, 2, 3].map(() => html`<div class="card skeleton"></div>`)}</div>`;
    return html`<div class="lists" aria-busy="true">${[0, 1, 2, 3].map(() => row)}</div>`;
  }

  #nothingFound(): TemplateResult {
    const filtered = Object.keys(this.#query.filter).length > 0;
    return html`<p class="empty quiet">
      ${filtered ? t("Nothing of the folder passes the filter.") : t("There is no other image in the folder.")}
    </p>`;
  }

  readonly #lists = {
    // Under several models there is no one explanation.
    select: (path: string) => {
      if (this.state?.comparison !== null) return void this.#open(path, "preview");
      window.clearTimeout(this.#opening);
      // The strip takes room, and must not do so between the clicks of a double click.
      this.#opening = window.setTimeout(() => this.#set({ selected: path }), this.selected === null ? DOUBLE_CLICK : 0);
    },
    walk: (path: string) => {
      if (this.selected !== null) this.#set({ selected: path });
    },
    open: (path: string, mode: "preview" | "keep") => {
      window.clearTimeout(this.#opening);
      void this.#open(path, mode);
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
    open: (path) => void this.#open(path, "preview"),
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
    export: (kind) => void this.#export(kind),
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
    if (this.options.collapse) void this.#group();
  }

  /** Asks once which images of the folder are the same picture; what cannot be told leaves every card. */
  async #group(): Promise<void> {
    if (this.groups !== null) return;
    this.groups = new Map();
    const groups = await this.#ask("copies", {}).catch(() => []);
    this.groups = new Map(groups.flatMap((paths, i) => paths.map((path) => [path, i] as const)));
  }

  async #export(kind: ExportKind): Promise<void> {
    const columns = this.#columnsOf(this.#query);
    const state = this.state!;
    const name = `${state.query.name.replace(/\.[^.]*$/, "").slice(0, 150)}-similar`;
    switch (kind) {
      case "csv":
        return void (await this.#ask("save", { name: `${name}.csv`, content: toCsv(columns, state) }));
      case "json":
        return void (await this.#ask("save", { name: `${name}.json`, content: toJson(columns, state) }));
      case "markdown":
        return void (await this.#ask("copy", { text: toMarkdown(columns) }));
      case "png": {
        const content = await toPicture(state.query, columns, this.#thumbnails);
        await this.#ask("save", { name: `${name}.png`, content });
      }
    }
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

  async #open(path: string, mode: "preview" | "keep"): Promise<void> {
    await this.#ask("open", { path, mode });
  }

  #ask<M extends keyof PageRequests>(method: M, params: PageRequests[M]["params"]): Promise<PageRequests[M]["result"]> {
    return call<PageRequests, M, never>(this.#connection, method, params);
  }
}

function anyRanked(comparison: SimilarState["comparison"]): boolean {
  return comparison?.some(({ ranked }) => ranked !== null) ?? false;
}

customElements.define("lookalike-similar", SimilarPage);

import { html, LitElement, nothing, type TemplateResult } from "lit";
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
import { FocusOnce } from "../focusOnce.ts";
import { mark } from "../painted.ts";
import type { HostLink, VsCodeApi } from "../rpc.ts";
import { t } from "../strings.ts";
import { type LoadedThumbnail, ThumbnailStore } from "../thumbnailStore.ts";
import { cardActions, filterActions, headerActions, whyActions } from "./actions.ts";
import type { ActionsPage } from "./actionsPage.ts";
import { Answers } from "./answers.ts";
import { CopyGroups } from "./copyGroups.ts";
import { Draft, queryOf } from "./draft.ts";
import { foldersOf, renderFilters, renderVerdict, type ShownColumn, type ViewOptions } from "./filters.ts";
import { FoldedHead } from "./foldedHead.ts";
import { renderHeader } from "./header.ts";
import { listenToIncoming } from "./incoming.ts";
import { handleKey } from "./keys.ts";
import { LabelChoice } from "./labelChoice.ts";
import type { Lists } from "./lists.ts";
import { LongerLists } from "./longerLists.ts";
import { Narrow } from "./narrow.ts";
import { type PageState, readPageState } from "./pageState.ts";
import { announced, renderMore, renderNothingFound, renderSkeleton } from "./placeholders.ts";
import { ResultMarks } from "./resultMarks.ts";
import { crowdOf, ShownLists } from "./shownLists.ts";
import { resizeByWheel, SIZES } from "./sizes.ts";
import { type StandIn, standInFor } from "./standIn.ts";
import { renderFold } from "./weightSliders.ts";
import type { WhyOptions } from "./why.ts";
import { renderWhy } from "./whyStrip.ts";

/** Pixels; on a dense display each is drawn with up to two of the thumbnail's. */
const THUMBNAIL_SIZE = 256;

/** The similar panel: the query on top, a ranked list per descriptor and one for combined. */
export class SimilarPage extends LitElement {
  static override properties = {
    state: { state: true },
    panel: { state: true },
    querySize: { state: true },
    looked: { state: true },
    options: { state: true },
    why: { state: true },
    size: { state: true },
    grid: { state: true },
    selected: { state: true },
    dragged: { state: true },
  };
  declare state: SimilarState | undefined;
  declare panel: PanelState;
  declare querySize: LoadedThumbnail | undefined;
  /** Number of the example in the large picture. */
  declare looked: number;
  declare options: ViewOptions;
  declare why: WhyOptions;
  /** Of pictures: number in `SIZES`. */
  declare size: number;
  /** One list over the whole width instead of all beside each other. */
  declare grid: boolean;
  /** Path of the result that is explained. */
  declare selected: string | null;
  /** Something that can be dropped hangs over the page. */
  declare dragged: boolean;

  readonly #lists = new ShownLists();
  readonly #copies = new CopyGroups(this, () => this.#ask("copies", {}));
  readonly #answers = new Answers();
  #drawn: readonly ShownColumn[] = [];
  #standIn: StandIn | null = null;
  readonly #longer = new LongerLists();
  readonly #folded = new FoldedHead(this);
  readonly #narrow = new Narrow(this);
  #api!: VsCodeApi;
  #saved: (SavedQuery & { readonly history: unknown }) | undefined;
  #connection!: HostLink;
  readonly #listening = new AbortController();
  #thumbnails = this.#newStore();
  readonly #draft = new Draft(() => void this.#askQuery());

  constructor() {
    super();
    new ResultMarks(this, () => this.state?.result ?? null);
    new FocusOnce(this, "lookalike-lists", { turn: () => this.state?.result?.query });
    this.looked = 0;
    Object.assign(this, readPageState(undefined));
    this.dragged = false;
  }

  /** Asks the host for the state and follows its changes. */
  async connect(api: VsCodeApi, connection: HostLink): Promise<void> {
    this.#api = api;
    this.#connection = connection;
    const kept = api.getState();
    Object.assign(this, readPageState(kept));
    connection.onNotification("state", (shown: PageNotifications["state"]) => this.#show(shown));
    connection.onNotification("labels", this.#labels.show);
    connection.listen();
    mark("ready", "");
    const { labels, ...start } = await this.#ask("ready", {});
    this.#labels.show(labels);
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
    document.addEventListener("keydown", (event) => handleKey(event, this, this.#actions), {
      signal: this.#listening.signal,
    });
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening.abort();
  }

  #show(change: ShownChange): void {
    const state = this.#answers.take(change, this.state);
    if (state === undefined) return;
    const { panel, saved } = change;
    const another = this.state !== undefined && state.query.path !== this.state.query.path;
    if (another) {
      this.#draft.drop();
      this.#longer.forget();
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
    this.looked = Math.max(0, Math.min(this.looked, state.examples.length - 1));
    this.state = state;
    this.panel = panel;
    this.#saved = { ...saved, history: change.history ?? this.#saved?.history };
    this.#keep();
    if (this.options.collapse && state.progress === null) void this.#copies.follow(state, saved.folder);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { state } = this;
    if (state === undefined) return nothing;
    const { searching, result, comparison } = state;
    const query = this.#query;
    const standIn = this.#standIn;
    this.#drawn = standIn?.columns ?? this.#columnsOf(query);
    const none = result === null && standIn === null && comparison?.some(({ ranked }) => ranked !== null) !== true;
    const branches = result?.model.descriptors ?? standIn?.branches ?? [];
    const { looked, size, grid } = this;
    const narrow = this.#narrow.matches;
    const verdict = this.#lists.verdict(state, this.#labels.shown);
    const head = { state, panel: this.panel, query, looked, size: this.querySize, pictureSize: size, grid };
    const view = { ...head, branches, narrow, verdict };
    return html`<div
        class="scroller"
        .style=${`--size:${SIZES[size]}`}
        @scroll=${this.#folded.onScroll}
        @wheel=${(event: WheelEvent) => resizeByWheel(event, size, (next) => this.#set({ size: next }))}
      >
        ${this.#folded.render(state.examples[looked] ?? state.examples[0] ?? state.query.name, this.#thumbnails)}
        ${renderHeader(view, this.#thumbnails, this.#header)}
        <p class="unseen" role="status">${announced(searching, none, this.#drawn)}</p>
        ${none ? (searching || state.progress !== null ? renderSkeleton(state.progress === null) : nothing) : this.#results(query, branches)}
      </div>
      ${result === null || state.examples.length === 0 ? nothing : renderWhy(this.#actions, query.examples[looked]?.box ?? null, this.why, this.#whyActions)}
      ${this.dragged ? html`<div class="drop-hint" aria-hidden="true">${t("Drop to add it to the query (hold Shift)")}</div>` : nothing}`;
  }

  #results(query: PageQuery, branches: readonly string[]): TemplateResult {
    const { searching } = this.state!;
    const waiting = this.#standIn !== null;
    const [rows, all] = [Math.max(0, ...this.#drawn.map(({ cards }) => cards.length)), this.#lists.columns];
    const more = rows > 0 && !waiting && this.#longer.maybe(this.state!, all);
    return html`${this.#filters(query, branches)}
      <h2 class="unseen">${t("Results")}</h2>
      <lookalike-lists
        class="${waiting ? "waiting" : ""} ${this.grid ? "grid" : ""} ${crowdOf(this.#drawn.length)}"
        .columns=${this.#drawn}
        .searching=${searching}
        .selected=${this.selected}
        .addable=${true}
        .size=${this.size}
        .grid=${this.grid}
        .store=${this.#thumbnails}
        .actions=${this.#cards}
      ></lookalike-lists>
      ${rows === 0 && !searching ? renderNothingFound(Object.keys(query.filter).length > 0) : nothing}
      ${more ? renderMore(() => void this.#ask("more", { k: this.#longer.next(all) })) : nothing}`;
  }

  #filters(query: PageQuery, branches: readonly string[]): TemplateResult {
    const { options } = this;
    const { shown: labels, search } = this.#labels;
    const shown = {
      query,
      options,
      labels,
      search,
      copiesProblem: this.#copies.problem,
      folders: foldersOf(this.#lists.paths),
      labelling: this.#lists.labelling(this.state!, labels),
      combined: this.#lists.columns.at(-1),
      words: this.state!.result?.words ?? null,
    };
    const filters = renderFilters(shown, this.#filterActions);
    const row = this.#narrow.matches ? renderFold(filters, branches, query, this.state!, this.#header) : filters;
    return html`${row} ${renderVerdict(shown)}`;
  }

  get #query(): PageQuery {
    return this.#draft.on(queryOf(this.state!));
  }

  #columnsOf({ weights }: PageQuery): readonly ShownColumn[] {
    return this.#lists.columnsOf(this.state!, weights, this.#labels.shown, this.options, this.#copies.groups);
  }

  readonly #actions: ActionsPage = {
    ask: (method, params) => this.#ask(method, params),
    state: () => this.state!,
    query: () => this.#query,
    looked: () => this.looked,
    selected: () => this.selected,
    options: () => this.options,
    columns: () => this.#columnsOf(this.#query),
    thumbnails: () => this.#thumbnails,
    change: (changes, delay) => this.#change(changes, delay),
    show: (change) => Object.assign(this, change),
    keep: (change) => this.#set(change),
  };
  readonly #labels = new LabelChoice(this, this.#actions);
  readonly #cards = cardActions(this.#actions);
  readonly #header = headerActions(this.#actions);
  readonly #whyActions = whyActions(this.#actions);
  readonly #filterActions = filterActions(this.#actions, this.#labels, this.#copies);

  #change(changes: Partial<PageQuery>, delay: number): void {
    this.#draft.change(changes, delay);
    this.requestUpdate();
  }

  async #askQuery(): Promise<void> {
    try {
      const { texts = [], ...query } = this.#query;
      await this.#ask("query", texts.length === 0 ? query : { ...query, texts });
    } catch {
      // The host refused it, and logged why: what it knows is shown again.
      this.#draft.drop();
      this.requestUpdate();
    }
  }

  /** Keeps what outlives a hidden page and a reload of the window. */
  #keep(): void {
    const { options, why, selected, size, grid } = this;
    const page: PageState = { options, why, selected, size, grid };
    this.#api.setState({ ...this.#saved, page });
  }

  #set(change: Partial<PageState>): void {
    Object.assign(this, change);
    this.#keep();
    if (this.options.collapse) void this.#copies.follow(this.state!, this.#saved?.folder ?? "");
  }

  #newStore(): ThumbnailStore {
    return new ThumbnailStore((path) => this.#ask("thumbnail", { path, size: THUMBNAIL_SIZE }));
  }

  #ask<M extends keyof PageRequests>(method: M, params: PageRequests[M]["params"]): Promise<PageRequests[M]["result"]> {
    return call<PageRequests, M, never>(this.#connection, method, params);
  }
}

customElements.define("lookalike-similar", SimilarPage);

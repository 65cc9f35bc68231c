import type { BranchWeights, FolderStatus, Notice, SimilarResult, SimilarState } from "../../shared/index.ts";
import { knownWeights } from "./knownWeights.ts";
import { Latest } from "./latest.ts";
import { type PanelQuery, queryImage, resolveShown } from "./query.ts";
import { firstState, type Session, type SessionHost, SessionState, stateOfQuery } from "./session.ts";

/** While a folder is indexed, the lists are made anew after this much time, if there is enough that is new. Milliseconds. */
const REFRESH_AFTER = 2_000;

/** One query: searches what is indexed, indexes what is not, and keeps the state that the page draws. */
export class SimilarSession implements Session {
  readonly folder: string;
  readonly #host: SessionHost;
  #query: PanelQuery;
  #count: number;
  readonly #state: SessionState;
  #searchedAt = 0;
  /** A run of this session is under way, which is followed by a search of its own. */
  #updating = false;
  #searchedImages = 0;
  readonly #search = new Latest(() => this.#ask());
  /** The result is an answer to this session, not an older one that stands in for it. */
  #answered = false;
  /** What was left out of the query, for the user; it stands until another one is asked. */
  #dropped: Notice | null = null;

  /**
   * @param folder absolute path of the indexed folder
   * @param count length of each list
   * @param before shown until there is an answer: to the same query, of another model perhaps
   */
  constructor(
    host: SessionHost,
    folder: string,
    query: PanelQuery,
    count: number,
    before: SimilarResult | null = null,
  ) {
    this.#host = host;
    this.folder = folder;
    this.#query = query;
    this.#count = count;
    this.#state = new SessionState(host, { ...firstState(folder, query), result: before });
  }

  get folders(): readonly string[] {
    return [this.folder];
  }

  get query(): PanelQuery {
    return this.#query;
  }

  get state(): SimilarState {
    return this.#state.now;
  }

  resolve(path: string): string | undefined {
    return resolveShown(this.folder, this.#query.examples, path);
  }

  split(path: string): { readonly folder: string; readonly path: string } {
    return { folder: this.folder, path };
  }

  shown(_folder: string, path: string): string {
    return path;
  }

  /** Searches what there is, brings the index up to date, and searches again where that changed something. */
  async start(): Promise<void> {
    await this.#guard(async () => {
      const known = this.#host.isIndexed?.(this.folder) === true;
      const search = known ? this.#search.ask() : undefined;
      // What goes wrong with it is told below.
      search?.catch(() => {});
      const status = await this.#host.status(this.folder);
      this.#note(status);
      if (known) this.#searchedImages = status.indexed;
      if (status.indexed > 0) {
        await (search ?? this.#search.ask());
        await this.#host.rest?.();
      } else if (status.progress === null && this.#host.mayIndex()) await this.#firstLook();
      if (!this.#state.ended) await this.#update(status.indexed);
    });
  }

  async ask(query: PanelQuery): Promise<void> {
    this.#query = query;
    this.#dropped = null;
    this.#state.set(stateOfQuery(query, (image) => queryImage(this.folder, image)));
    await this.#guard(() => this.#search.ask());
  }

  async more(count: number): Promise<void> {
    this.#count = count;
    await this.#guard(() => this.#search.ask());
  }

  report(status: FolderStatus): void {
    if (status.folder !== this.folder || status.asked !== undefined || this.#state.ended) return;
    this.#note(status);
    const grown = status.indexed >= Math.max(1, 1.5 * this.#searchedImages);
    const due = this.#host.now() - this.#searchedAt >= REFRESH_AFTER || this.#searchedImages === 0;
    // An empty one was deleted: its lists stay until something else is asked.
    if (status.indexed === 0) return;
    if (status.byOthers || (status.progress !== null && grown && due)) void this.#guard(() => this.#search.ask());
    // At the end of a run that was none of ours: files came or went while the panel is open.
    else if (status.progress === null && !this.#updating && this.#answered && status.indexed !== this.#searchedImages)
      void this.#refresh();
  }

  /** Nobody asked for it: a query that cannot be answered any more, as its file is gone, keeps its lists. */
  async #refresh(): Promise<void> {
    await this.#search.ask().catch(() => {});
    if (!this.#search.running) this.#state.set({ searching: false });
  }

  dispose(): void {
    this.#state.end();
    this.#search.stop();
  }

  async #update(indexedBefore: number): Promise<void> {
    if (!this.#host.mayIndex()) {
      if (indexedBefore === 0) this.#state.say("info", this.#host.texts.untrusted, ["manageTrust"]);
      else await this.#search.ask();
      return;
    }
    try {
      this.#updating = true;
      const { indexed, updated, removed } = await this.#host.index(this.folder).finally(() => {
        this.#updating = false;
      });
      this.#state.set({ progress: null });
      if (indexed + updated + removed > 0 || !this.#answered) await this.#search.ask();
      if (this.#state.now.folder.indexed === 0) this.#state.say("info", this.#host.texts.noImages, ["indexFolder"]);
    } catch (error) {
      this.#state.set({ progress: null });
      if (!this.#host.isCancellation(error)) throw error;
      if (this.#state.now.folder.indexed > 0) await this.#search.ask();
      this.#state.say("info", this.#host.texts.cancelled, ["indexFolder"]);
    }
  }

  /** Shows something at once: the index takes its time. What goes wrong with it, goes wrong with the index too, and is told then. */
  async #firstLook(): Promise<void> {
    const { examples, texts = [], weights, filter } = this.#query;
    if (this.#state.now.result !== null || filter.labels !== undefined || texts.length > 0) return;
    this.#state.set({ searching: true });
    const asked = { examples, weights, only: filter, k: this.#count };
    const look = (await this.#host.firstLook?.(this.folder, asked).catch(() => null)) ?? null;
    if (look === null || this.#state.ended || this.#answered) return;
    const { result, looked, found } = look;
    this.#state.set({ result, searching: false });
    this.#state.say("info", this.#host.texts.firstLook(looked, found), []);
  }

  async #ask(): Promise<void> {
    this.#state.set({ searching: true });
    const started = this.#host.now();
    this.#searchedAt = started;
    this.#searchedImages = this.#state.now.folder.indexed;
    const { examples, texts = [], filter, labels, ...asked } = this.#query;
    const weights = await this.#weightsOf(asked.weights);
    const words = texts.length === 0 ? {} : { texts };
    const query = { examples, ...words, weights, only: filter, labels, k: this.#count };
    const result = await this.#host.similar(this.folder, query);
    this.#answered = true;
    this.#host.took?.(this.#host.now() - started);
    const { fingerprint, words: branch } = result.model;
    this.#state.set({
      result,
      model: fingerprint,
      takesWords: branch !== undefined,
      notice: this.#dropped,
      searching: false,
    });
  }

  /** Without those that the model lacks: it may be another one than when they were set. */
  async #weightsOf(asked: BranchWeights): Promise<BranchWeights> {
    if (Object.keys(asked).length === 0) return asked;
    const { model } = await this.#host.status(this.folder);
    const { weights, unknown } = knownWeights(asked, model.descriptors);
    // Where the user changed them meanwhile, those are looked at in their turn.
    if (unknown.length > 0 && this.#query.weights === asked) {
      this.#query = { ...this.#query, weights };
      this.#dropped = { kind: "info", text: this.#host.texts.weightsDropped(unknown, model.name), actions: [] };
      this.#state.set({ weights });
    }
    return weights;
  }

  #guard(work: () => Promise<void>): Promise<void> {
    return this.#state.guard(work, () => this.#search.running);
  }

  #note(status: FolderStatus): void {
    this.#state.note(status, { model: status.model.fingerprint, takesWords: status.model.words !== undefined });
  }
}

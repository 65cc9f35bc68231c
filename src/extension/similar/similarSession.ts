import { basename } from "node:path";
import type {
  BranchWeights,
  FolderStatus,
  IndexSummary,
  Notice,
  NoticeAction,
  QueryImage,
  SimilarQuery,
  SimilarResult,
  SimilarState,
} from "../../shared/index.ts";
import { knownWeights } from "./knownWeights.ts";
import { Latest } from "./latest.ts";
import { type PanelQuery, queryImage, resolveShown } from "./query.ts";

/**
 * What a session needs of the rest; plain functions, so that it can be tested without VS Code. `model` names an installed
 * model; where absent, it is the one that is chosen for the folder.
 */
export interface SessionHost {
  status(folder: string, model?: string): Promise<FolderStatus>;
  similar(folder: string, query: SimilarQuery, model?: string): Promise<SimilarResult>;
  /** Brings the index up to date, or joins the run that does. */
  index(folder: string, model?: string): Promise<IndexSummary>;
  /** Whether files of the workspace may be indexed: it is trusted. */
  mayIndex(): boolean;
  isCancellation(error: unknown): boolean;
  /** For the user. */
  failureText(error: unknown): string;
  texts: {
    readonly untrusted: string;
    readonly noImages: string;
    readonly cancelled: string;
    /** The folder is being indexed with a model of a comparison. */
    comparing(model: string): string;
    /** The model has no such branches, so their weights were dropped. */
    weightsDropped(branches: readonly string[], model: string): string;
  };
  changed(state: SimilarState): void;
  now(): number;
  /** Whether the folder is known to have an index, so that it can be searched without asking first. */
  isIndexed?(folder: string): boolean;
  /** Ends when those who wait for the results have had them, and other work may begin. */
  rest?(): Promise<void>;
  /** Told of each search. */
  took?(milliseconds: number): void;
}

/** A query that a panel shows, from its first search to its last. */
export interface Session {
  readonly folder: string;
  /** That are searched. */
  readonly folders: readonly string[];
  readonly query: PanelQuery;
  readonly state: SimilarState;
  /** Absolute path of a path as it stands in the state; undefined where it would lead out of the folder. */
  resolve(path: string): string | undefined;
  /** The folder whose index knows a path as it stands in the state, and the path relative to it. */
  split(path: string): { readonly folder: string; readonly path: string };
  /** A path of one of the folders as it stands in the state. */
  shown(folder: string, path: string): string;
  start(): Promise<void>;
  /** Indexes what could not be searched; absent where `start` does. */
  indexMissing?(): Promise<void>;
  /** Asks something else of the same folder. */
  ask(query: PanelQuery): Promise<void>;
  /** Asks for lists of another length. */
  more(count: number): Promise<void>;
  /** To be called when the engine tells of a folder. */
  report(status: FolderStatus): void;
  dispose(): void;
}

/** What a session shows of its query. */
export function stateOfQuery(
  { examples, weights, filter, labels }: PanelQuery,
  shown: (image: string) => QueryImage,
): Pick<SimilarState, "query" | "examples" | "weights" | "filter" | "labels"> {
  return {
    query: shown(examples[0]!.image),
    examples: examples.map(({ image, sign, box }) => ({ ...shown(image), sign, box: box ?? null })),
    weights,
    filter,
    labels,
  };
}

/** What a session shows before its first answer. */
export function firstState(folder: string, query: PanelQuery): SimilarState {
  return {
    ...stateOfQuery(query, (image) => queryImage(folder, image)),
    across: null,
    folder: { name: basename(folder), indexed: 0 },
    device: null,
    model: null,
    result: null,
    comparison: null,
    searching: true,
    progress: null,
    notice: null,
  };
}

/** While a folder is indexed, the lists are made anew after this much time, if there is enough that is new. Milliseconds. */
const REFRESH_AFTER = 2_000;

/** One query: searches what is indexed, indexes what is not, and keeps the state that the page draws. */
export class SimilarSession implements Session {
  readonly folder: string;
  readonly #host: SessionHost;
  #query: PanelQuery;
  #count: number;
  #state: SimilarState;
  #searchedAt = 0;
  #searchedImages = 0;
  readonly #search = new Latest(() => this.#ask());
  /** The result is an answer to this session, not an older one that stands in for it. */
  #answered = false;
  /** What was left out of the query, for the user; it stands until another one is asked. */
  #dropped: Notice | null = null;
  #disposed = false;

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
    this.#state = { ...firstState(folder, query), result: before };
  }

  get folders(): readonly string[] {
    return [this.folder];
  }

  get query(): PanelQuery {
    return this.#query;
  }

  get state(): SimilarState {
    return this.#state;
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
      }
      if (!this.#disposed) await this.#update(status.indexed);
    });
  }

  async ask(query: PanelQuery): Promise<void> {
    this.#query = query;
    this.#dropped = null;
    this.#set(stateOfQuery(query, (image) => queryImage(this.folder, image)));
    await this.#guard(() => this.#search.ask());
  }

  async more(count: number): Promise<void> {
    this.#count = count;
    await this.#guard(() => this.#search.ask());
  }

  report(status: FolderStatus): void {
    if (status.folder !== this.folder || status.asked !== undefined || this.#disposed) return;
    this.#note(status);
    const grown = status.indexed >= Math.max(1, 1.5 * this.#searchedImages);
    const due = this.#host.now() - this.#searchedAt >= REFRESH_AFTER || this.#searchedImages === 0;
    if (status.progress !== null && grown && due) void this.#guard(() => this.#search.ask());
  }

  dispose(): void {
    this.#disposed = true;
    this.#search.stop();
  }

  async #update(indexedBefore: number): Promise<void> {
    if (!this.#host.mayIndex()) {
      if (indexedBefore === 0) this.#say("info", this.#host.texts.untrusted, []);
      else await this.#search.ask();
      return;
    }
    try {
      const { indexed, updated, removed } = await this.#host.index(this.folder);
      this.#set({ progress: null });
      if (indexed + updated + removed > 0 || !this.#answered) await this.#search.ask();
      if (this.#state.folder.indexed === 0) this.#say("info", this.#host.texts.noImages, ["indexFolder"]);
    } catch (error) {
      this.#set({ progress: null });
      if (!this.#host.isCancellation(error)) throw error;
      if (this.#state.folder.indexed > 0) await this.#search.ask();
      this.#say("info", this.#host.texts.cancelled, ["indexFolder"]);
    }
  }

  async #ask(): Promise<void> {
    this.#set({ searching: true });
    const started = this.#host.now();
    this.#searchedAt = started;
    this.#searchedImages = this.#state.folder.indexed;
    const { examples, filter, labels, ...asked } = this.#query;
    const weights = await this.#weightsOf(asked.weights);
    const result = await this.#host.similar(this.folder, { examples, weights, only: filter, labels, k: this.#count });
    this.#answered = true;
    this.#host.took?.(this.#host.now() - started);
    this.#set({ result, model: result.model.fingerprint, notice: this.#dropped, searching: false });
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
      this.#set({ weights });
    }
    return weights;
  }

  /** What goes wrong becomes a notice; results that are there stay. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      this.#set({ notice: null });
      await work();
    } catch (error) {
      this.#set({ progress: null });
      if (!this.#host.isCancellation(error)) this.#say("error", this.#host.failureText(error), ["retry", "showLog"]);
    } finally {
      if (!this.#search.running) this.#set({ searching: false });
    }
  }

  #note({ indexed, device, progress, model }: FolderStatus): void {
    this.#set({ folder: { ...this.#state.folder, indexed }, device, progress, model: model.fingerprint });
  }

  #say(kind: Notice["kind"], text: string, actions: readonly NoticeAction[]): void {
    this.#set({ notice: { kind, text, actions } });
  }

  #set(change: Partial<SimilarState>): void {
    if (this.#disposed) return;
    this.#state = { ...this.#state, ...change };
    this.#host.changed(this.#state);
  }
}

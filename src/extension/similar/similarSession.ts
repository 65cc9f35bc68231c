import { basename, isAbsolute, join, relative, sep } from "node:path";
import type {
  FolderStatus,
  IndexSummary,
  Notice,
  NoticeAction,
  SimilarResult,
  SimilarState,
} from "../../shared/index.ts";

/**
 * What a session needs of the rest; plain functions, so that it can be tested without VS Code. `model` names an installed
 * model; where absent, it is the one that is chosen for the folder.
 */
export interface SessionHost {
  status(folder: string, model?: string): Promise<FolderStatus>;
  similar(folder: string, image: string, k: number, model?: string): Promise<SimilarResult>;
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
  };
  changed(state: SimilarState): void;
  now(): number;
}

/** A query that a panel shows, from its first search to its last. */
export interface Session {
  readonly folder: string;
  readonly image: string;
  readonly state: SimilarState;
  /** Absolute path of a path as it stands in the state; undefined where it would lead out of the folder. */
  resolve(path: string): string | undefined;
  start(): Promise<void>;
  /** Asks for lists of another length. */
  more(count: number): Promise<void>;
  /** To be called when the engine tells of a folder. */
  report(status: FolderStatus): void;
  dispose(): void;
}

/** What a session shows before its first answer. */
export function firstState(folder: string, image: string): SimilarState {
  const path = relative(folder, image);
  const inside = !(path.startsWith("..") || isAbsolute(path));
  return {
    query: { name: basename(image), path: inside ? path.split(sep).join("/") : image, inside },
    folder: { name: basename(folder), indexed: 0 },
    device: null,
    result: null,
    comparison: null,
    searching: true,
    progress: null,
    notice: null,
  };
}

/** As `Session.resolve`. */
export function resolveShown({ query }: SimilarState, folder: string, image: string, path: string): string | undefined {
  if (path === query.path) return image;
  if (isAbsolute(path) || path.split("/").includes("..")) return undefined;
  return join(folder, path);
}

/** While a folder is indexed, the lists are made anew after this much time, if there is enough that is new. Milliseconds. */
const REFRESH_AFTER = 2_000;

/** One query: searches what is indexed, indexes what is not, and keeps the state that the page draws. */
export class SimilarSession implements Session {
  readonly folder: string;
  readonly image: string;
  readonly #host: SessionHost;
  #count: number;
  #state: SimilarState;
  #searchedAt = 0;
  #searchedImages = 0;
  #disposed = false;

  /**
   * @param folder absolute path of the indexed folder
   * @param image absolute path of the query
   * @param count length of each list
   */
  constructor(host: SessionHost, folder: string, image: string, count: number) {
    this.#host = host;
    this.folder = folder;
    this.image = image;
    this.#count = count;
    this.#state = firstState(folder, image);
  }

  get state(): SimilarState {
    return this.#state;
  }

  resolve(path: string): string | undefined {
    return resolveShown(this.#state, this.folder, this.image, path);
  }

  /** Searches what there is, brings the index up to date, and searches again where that changed something. */
  async start(): Promise<void> {
    await this.#guard(async () => {
      const status = await this.#host.status(this.folder);
      this.#note(status);
      if (status.indexed > 0) await this.#search();
      await this.#update(status.indexed);
    });
  }

  async more(count: number): Promise<void> {
    this.#count = count;
    await this.#guard(() => this.#search());
  }

  report(status: FolderStatus): void {
    if (status.folder !== this.folder || status.asked !== undefined || this.#disposed) return;
    this.#note(status);
    const grown = status.indexed >= Math.max(1, 1.5 * this.#searchedImages);
    const due = this.#host.now() - this.#searchedAt >= REFRESH_AFTER || this.#searchedImages === 0;
    if (status.progress !== null && grown && due) void this.#guard(() => this.#search());
  }

  dispose(): void {
    this.#disposed = true;
  }

  async #update(indexedBefore: number): Promise<void> {
    if (!this.#host.mayIndex()) {
      if (indexedBefore === 0) this.#say("info", this.#host.texts.untrusted, []);
      else await this.#search();
      return;
    }
    try {
      const { indexed, updated, removed } = await this.#host.index(this.folder);
      this.#set({ progress: null });
      if (indexed + updated + removed > 0 || this.#state.result === null) await this.#search();
      if (this.#state.folder.indexed === 0) this.#say("info", this.#host.texts.noImages, ["indexFolder"]);
    } catch (error) {
      this.#set({ progress: null });
      if (!this.#host.isCancellation(error)) throw error;
      await this.#search();
      this.#say("info", this.#host.texts.cancelled, ["indexFolder"]);
    }
  }

  async #search(): Promise<void> {
    this.#searchedAt = this.#host.now();
    this.#searchedImages = this.#state.folder.indexed;
    this.#set({ searching: true });
    try {
      const result = await this.#host.similar(this.folder, this.image, this.#count);
      this.#set({ result, notice: null });
    } finally {
      this.#set({ searching: false });
    }
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
      this.#set({ searching: false });
    }
  }

  #note({ indexed, device, progress }: FolderStatus): void {
    this.#set({ folder: { ...this.#state.folder, indexed }, device, progress });
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

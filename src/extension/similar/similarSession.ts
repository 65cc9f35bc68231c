import { basename, isAbsolute, join, relative, sep } from "node:path";
import type {
  FolderStatus,
  IndexSummary,
  Notice,
  NoticeAction,
  SimilarResult,
  SimilarState,
} from "../../shared/index.ts";

/** What a session needs of the rest; plain functions, so that it can be tested without VS Code. */
export interface SessionHost {
  status(folder: string): Promise<FolderStatus>;
  similar(folder: string, image: string, k: number): Promise<SimilarResult>;
  /** Brings the index up to date, or joins the run that does. */
  index(folder: string): Promise<IndexSummary>;
  /** Whether files of the workspace may be indexed: it is trusted. */
  mayIndex(): boolean;
  isCancellation(error: unknown): boolean;
  /** For the user. */
  failureText(error: unknown): string;
  texts: { readonly untrusted: string; readonly noImages: string; readonly cancelled: string };
  changed(state: SimilarState): void;
  now(): number;
}

/** While a folder is indexed, the lists are made anew after this much time, if there is enough that is new. Milliseconds. */
const REFRESH_AFTER = 2_000;

/** One query: searches what is indexed, indexes what is not, and keeps the state that the page draws. */
export class SimilarSession {
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
    const path = relative(folder, image);
    const inside = !(path.startsWith("..") || isAbsolute(path));
    this.#state = {
      query: { name: basename(image), path: inside ? path.split(sep).join("/") : image, inside },
      folder: { name: basename(folder), indexed: 0 },
      device: null,
      result: null,
      searching: true,
      progress: null,
      notice: null,
    };
  }

  get state(): SimilarState {
    return this.#state;
  }

  /** Absolute path of a path as it stands in the state; undefined where it would lead out of the folder. */
  resolve(path: string): string | undefined {
    if (path === this.#state.query.path) return this.image;
    if (isAbsolute(path) || path.split("/").includes("..")) return undefined;
    return join(this.folder, path);
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

  /** Asks for lists of another length. */
  async more(count: number): Promise<void> {
    this.#count = count;
    await this.#guard(() => this.#search());
  }

  /** To be called when the engine tells of a folder. */
  report(status: FolderStatus): void {
    if (status.folder !== this.folder || this.#disposed) return;
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

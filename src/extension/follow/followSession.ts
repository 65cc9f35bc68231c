import { basename } from "node:path";
import type { FolderStatus, FollowState, SimilarQuery, SimilarResult } from "../../shared/index.ts";
import { COMBINED } from "../../shared/index.ts";
import { queryImage, resolveShown } from "../similar/query.ts";

/** What a session needs of the rest; plain functions, so that it can be tested without VS Code. */
export interface FollowHost {
  status(folder: string): Promise<FolderStatus>;
  similar(folder: string, query: SimilarQuery): Promise<SimilarResult>;
  failureText(error: unknown): string;
  texts: {
    readonly none: string;
    notIndexed(folder: string): string;
    readonly alone: string;
  };
  changed(state: FollowState): void;
}

/** Neighbours that are shown. */
const COUNT = 30;
/** After the last change of the active image. Milliseconds. */
const PAUSE = 200;

const NOTHING = { lists: {}, chance: null } as const;

interface Target {
  /** Absolute paths. */
  readonly folder: string;
  readonly image: string;
}

/** Looks for the neighbours of one image after the other, as a user browses. */
export class FollowSession {
  readonly #host: FollowHost;
  #state: FollowState;
  #target: Target | undefined;
  /** What the state is about: while the next image is searched, the one before. */
  #shown: Target | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What is searched; a newer target makes its answer worthless. */
  #running: Promise<void> | undefined;
  #disposed = false;

  constructor(host: FollowHost) {
    this.#host = host;
    this.#state = { image: null, folder: "", ...NOTHING, searching: false, problem: host.texts.none, mayIndex: false };
  }

  get state(): FollowState {
    return this.#state;
  }

  get target(): Target | undefined {
    return this.#target;
  }

  /** Folder and file behind a path as it stands in the state; undefined for any other. */
  resolve(path: string): Target | undefined {
    const { image, lists } = this.#state;
    const listed = Object.values(lists).some((list) => list.some((each) => each.path === path));
    if (this.#shown === undefined || !(path === image?.path || listed)) return undefined;
    const { folder, image: query } = this.#shown;
    const file = resolveShown(folder, [{ image: query, sign: 1 }], path);
    return file === undefined ? undefined : { folder, image: file };
  }

  /** Shows the neighbours of an image, after a pause in which no other one became the active image. */
  follow(folder: string, image: string): void {
    if (this.#target?.image === image && this.#target.folder === folder) return;
    this.#target = { folder, image };
    this.#set({ searching: true });
    this.#later();
  }

  /** Asks again: the folder was indexed, or the model is another one. */
  refresh(): void {
    if (this.#target !== undefined) this.#later();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = (this.#running ?? Promise.resolve()).then(() => this.#search());
    }, PAUSE);
  }

  async #search(): Promise<void> {
    const target = this.#target;
    if (target === undefined || this.#disposed) return;
    const { folder, image } = target;
    const about = { image: queryImage(folder, image), folder: basename(folder) };
    const show = (change: Partial<FollowState>) => {
      if (target === this.#target) {
        this.#shown = target;
        this.#set({ ...about, ...NOTHING, problem: null, mayIndex: false, searching: false, ...change });
      }
    };
    try {
      const { indexed } = await this.#host.status(folder);
      if (target !== this.#target) return;
      if (indexed === 0) {
        show({ problem: this.#host.texts.notIndexed(basename(folder)), mayIndex: true });
        return;
      }
      const { results: lists, chance } = await this.#host.similar(folder, { examples: [{ image, sign: 1 }], k: COUNT });
      const alone = (lists[COMBINED] ?? []).length === 0;
      show({ lists, chance: chance ?? null, problem: alone ? this.#host.texts.alone : null });
    } catch (error) {
      show({ problem: this.#host.failureText(error) });
    }
  }

  #set(change: Partial<FollowState>): void {
    if (this.#disposed) return;
    this.#state = { ...this.#state, ...change };
    this.#host.changed(this.#state);
  }
}

import {
  type AcrossResult,
  COMBINED,
  type FolderStatus,
  type SimilarQuery,
  type SimilarResult,
  type SimilarState,
} from "../../shared/index.ts";
import { Latest } from "./latest.ts";
import type { PanelQuery } from "./query.ts";
import type { SearchedRoots } from "./searchedRoots.ts";
import { firstState, type Session, type SessionHost, SessionState, stateOfQuery } from "./session.ts";

export interface AcrossHost extends SessionHost {
  /** Whether a run found no image in the folder. */
  isEmpty(folder: string): boolean;
  similarAcross(folders: readonly string[], names: AcrossResult["names"], query: SimilarQuery): Promise<AcrossResult>;
  texts: SessionHost["texts"] & {
    /** Folders of the window that are not searched. */
    missing(names: readonly string[]): string;
    /** Folders of the window in which there is no image. */
    empty(names: readonly string[]): string;
  };
}

/** One query of all folders of a window: searches those that are indexed, and indexes the others when it is told to. */
export class AcrossSession implements Session {
  readonly folder: string;
  readonly #host: AcrossHost;
  readonly #roots: SearchedRoots;
  readonly #search = new Latest(() => this.#ask());
  /** By folder; a folder that was not asked about yet is absent. */
  readonly #indexed = new Map<string, number>();
  readonly #fingerprints = new Map<string, string>();
  /** Those of the result, with the images that they had. */
  #searched: ReadonlyMap<string, number> = new Map();
  #query: PanelQuery;
  #count: number;
  readonly #state: SessionState;

  /**
   * @param folder absolute path of the folder that the query was first asked of
   * @param count length of each list
   */
  constructor(host: AcrossHost, folder: string, roots: SearchedRoots, query: PanelQuery, count: number) {
    this.#host = host;
    this.folder = folder;
    this.#roots = roots;
    this.#query = query;
    this.#count = count;
    this.#state = new SessionState(host, {
      ...firstState(folder, query),
      ...this.#shownQuery(),
      across: { order: null, models: {}, indexing: null },
    });
  }

  get folders(): readonly string[] {
    return this.#roots.folders;
  }

  get query(): PanelQuery {
    return this.#query;
  }

  get state(): SimilarState {
    return this.#state.now;
  }

  resolve(path: string): string | undefined {
    return this.#roots.resolve(this.#query.examples, path);
  }

  split(path: string): { readonly folder: string; readonly path: string } {
    return this.#roots.split(path) ?? { folder: this.folder, path };
  }

  shown(folder: string, path: string): string {
    return `${this.#roots.names[folder]}/${path}`;
  }

  async start(): Promise<void> {
    await this.#guard(async () => {
      for (const folder of this.#roots.folders) this.#note(await this.#host.status(folder));
      await this.#search.ask();
    });
  }

  async ask(query: PanelQuery): Promise<void> {
    this.#query = query;
    this.#state.set(this.#shownQuery());
    await this.#guard(() => this.#search.ask());
  }

  async more(count: number): Promise<void> {
    this.#count = count;
    await this.#guard(() => this.#search.ask());
  }

  /** Indexes the folders that could not be searched, one after the other, and searches again. */
  async indexMissing(): Promise<void> {
    await this.#guard(async () => {
      let cancelled = false;
      for (const folder of this.#missing) {
        try {
          if (this.#host.mayIndex()) await this.#host.index(folder);
        } catch (error) {
          if (!this.#host.isCancellation(error)) throw error;
          cancelled = true;
        }
        this.#note(await this.#host.status(folder));
        if (cancelled) break;
      }
      await this.#search.ask();
      if (cancelled) this.#state.say("info", this.#host.texts.cancelled, ["indexFolder"]);
    });
  }

  report(status: FolderStatus): void {
    const { folder, asked, progress, indexed, byOthers } = status;
    if (!this.#roots.folders.includes(folder) || asked !== undefined || this.#state.ended) return;
    this.#note(status);
    const news = byOthers || indexed !== this.#searched.get(folder);
    if (progress === null && news) void this.#guard(() => this.#search.ask());
  }

  dispose(): void {
    this.#state.end();
    this.#search.stop();
  }

  get #missing(): string[] {
    return this.#roots.folders.filter((folder) => (this.#indexed.get(folder) ?? 0) === 0);
  }

  async #ask(): Promise<void> {
    const { names } = this.#roots;
    const there = [...this.#indexed].filter(([, images]) => images > 0);
    if (there.length > 0) {
      this.#state.set({ searching: true });
      const { examples, texts = [], weights, filter, labels } = this.#query;
      const words = texts.length === 0 ? {} : { texts };
      const query = { examples, ...words, weights, only: filter, labels, k: this.#count };
      const folders = this.#roots.folders.filter((folder) => there.some(([each]) => each === folder));
      const answer = await this.#host.similarAcross(folders, names, query);
      for (const [folder, { fingerprint }] of Object.entries(answer.models)) {
        this.#fingerprints.set(folder, fingerprint);
      }
      this.#searched = new Map(there);
      this.#state.set({ result: this.#resultOf(answer), across: this.#acrossOf(answer), notice: null });
      this.#state.set({ model: this.#modelsInUse() });
    }
    const { texts, isEmpty, mayIndex } = this.#host;
    const named = (folders: readonly string[]) => folders.map((folder) => names[folder]!);
    const missing = named(this.#missing.filter((folder) => !isEmpty(folder)));
    const empty = named(this.#missing.filter(isEmpty));
    const parts = [
      ...(missing.length > 0 ? [texts.missing(missing)] : []),
      ...(empty.length > 0 ? [texts.empty(empty)] : []),
    ];
    if (parts.length === 0) return;
    this.#state.say("info", parts.join(" "), missing.length > 0 && mayIndex() ? ["indexFolder"] : []);
  }

  /** As one folder would answer: the page draws both alike. */
  #resultOf({ models, descriptors, weights, words, results, scores }: AcrossResult): SimilarResult {
    const all = Object.values(models);
    const name = all.map((model) => model.name).filter((each, i, names) => names.indexOf(each) === i);
    return {
      query: this.#state.now.query.path,
      examples: this.#query.examples.map((example) => ({ ...example, image: this.#roots.shown(example.image).path })),
      weights,
      model: {
        name: name.join(", "),
        fingerprint: joined(all.map(({ fingerprint }) => fingerprint)),
        descriptors,
      },
      // Each folder has chances of its own.
      chance: null,
      ...(words === undefined ? {} : { words }),
      kinds: false,
      results: Object.fromEntries([...descriptors, COMBINED].map((column) => [column, results[column] ?? []])),
      scores,
    };
  }

  #acrossOf({ order, models, weightsOf }: AcrossResult): SimilarState["across"] {
    const named = <T>(byFolder: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(byFolder).map(([folder, value]) => [this.#roots.names[folder]!, value]));
    const indexing = this.#state.now.across?.indexing ?? null;
    return { order, models: named(models), weightsOf: named(weightsOf), indexing };
  }

  /** Of the folders that the result is of. */
  #modelsInUse(): string | null {
    const answered = this.#roots.folders.filter((folder) => {
      return this.#roots.names[folder]! in (this.#state.now.across?.models ?? {});
    });
    return answered.length === 0 ? null : joined(answered.map((folder) => this.#fingerprints.get(folder) ?? ""));
  }

  #shownQuery(): ReturnType<typeof stateOfQuery> {
    return stateOfQuery(this.#query, (image) => this.#roots.shown(image));
  }

  #guard(work: () => Promise<void>): Promise<void> {
    return this.#state.guard(work, () => this.#search.running);
  }

  #note(status: FolderStatus): void {
    const { folder, indexed, progress, model } = status;
    this.#indexed.set(folder, indexed);
    this.#fingerprints.set(folder, model.fingerprint);
    const { across } = this.#state.now;
    const all = [...this.#indexed.values()].reduce((sum, images) => sum + images, 0);
    const indexing = progress === null ? null : (this.#roots.names[folder] ?? null);
    this.#state.note(
      { ...status, indexed: all },
      { across: across === null ? null : { ...across, indexing }, model: this.#modelsInUse() },
    );
  }
}

function joined(fingerprints: readonly string[]): string {
  return [...new Set(fingerprints)].join(" ");
}

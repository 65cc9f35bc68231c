import { basename, isAbsolute, join } from "node:path";
import type {
  DuplicatesResult,
  FolderStatus,
  IndexSummary,
  LabelsResult,
  QueryProgress,
  ReviewKind,
  ReviewState,
  SavedReview,
  TableColumn,
  TableSummary,
} from "../../shared/index.ts";
import { ShownState, type StateHost } from "../pages/shownState.ts";

/** What a session needs of the rest; plain functions, so that it can be tested without VS Code. */
export interface ReviewHost extends StateHost<ReviewState> {
  status(folder: string): Promise<FolderStatus>;
  index(folder: string): Promise<IndexSummary>;
  duplicates(folder: string, run: number, signal: AbortSignal): Promise<DuplicatesResult>;
  /** @param from null for the names of folders. @throws where the table is none of the folder's */
  labels(folder: string, from: TableColumn | null, run: number, signal: AbortSignal): Promise<LabelsResult>;
  /** That labels can be taken from. */
  tables(folder: string): Promise<readonly TableSummary[]>;
  mayIndex(): boolean;
  texts: {
    readonly indexing: string;
    readonly adapting: string;
    readonly untrusted: string;
    readonly noImages: string;
    readonly stopped: string;
    step(step: QueryProgress["step"]): string;
  };
}

let runs = 0;

/** Brings a folder's index up to date and lists its duplicates, or its suspicious labels. */
export class ReviewSession {
  #saved: SavedReview;
  readonly #host: ReviewHost;
  readonly #state: ShownState<ReviewState>;
  #run = 0;
  #abort = new AbortController();
  /** Its folder's index is being brought up to date. */
  #indexing = false;

  constructor(host: ReviewHost, saved: SavedReview) {
    this.#host = host;
    this.#saved = saved;
    const folder = basename(saved.under === "" ? saved.folder : saved.under);
    this.#state = new ShownState(host, {
      kind: saved.kind,
      folder,
      whole: saved.under === "" ? null : basename(saved.folder),
      duplicates: null,
      labels: null,
      tables: [],
      progress: null,
      notice: null,
    });
  }

  get saved(): SavedReview {
    return this.#saved;
  }

  get state(): ReviewState {
    return this.#state.now;
  }

  get kind(): ReviewKind {
    return this.saved.kind;
  }

  /** Absolute path of a path as it stands in the state; undefined where it is in none of the lists. */
  resolve(path: string): string | undefined {
    const { duplicates, labels } = this.#state.now;
    const listed = duplicates === null ? [] : [...duplicates.groups, ...duplicates.perhaps];
    const known =
      listed.some(({ images }) => images.some((image) => image.path === path)) ||
      labels?.suspicious.some((each) => each.path === path) === true ||
      labels?.contradictions.some(({ paths }) => paths.includes(path)) === true;
    if (!known || isAbsolute(path) || path.split(/[\\/]/).includes("..")) return undefined;
    return join(this.saved.folder, path);
  }

  /** Takes the labels from somewhere else, and looks again. */
  async takeLabels(labels: TableColumn | null): Promise<void> {
    this.#saved = { ...this.#saved, labels };
    this.#state.set({ labels: null });
    await this.start();
  }

  /** Looks for tables again: one was chosen. */
  async findTables(): Promise<void> {
    // Without them there are still the folders; the host has logged why.
    this.#state.set({ tables: await this.#host.tables(this.#saved.folder).catch(() => []) });
  }

  async start(): Promise<void> {
    const { folder, labels: from } = this.saved;
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#run = ++runs;
    this.#state.set({ notice: null, progress: { text: this.#host.texts.indexing, done: null } });
    if (this.kind === "labels") void this.findTables();
    try {
      this.#indexing = true;
      if (this.#host.mayIndex()) await this.#host.index(folder);
      const { indexed } = await this.#host.status(folder);
      if (signal.aborted) return;
      this.#indexing = false;
      if (indexed === 0) {
        const { texts } = this.#host;
        if (this.#host.mayIndex()) this.#state.say("info", texts.noImages, ["retry"]);
        else this.#state.say("info", texts.untrusted, ["manageTrust"]);
        return;
      }
      if (this.kind === "duplicates") {
        const result = await this.#host.duplicates(folder, this.#run, signal);
        const covered = (all: DuplicatesResult["groups"]) =>
          all.filter(({ images }) => images.some(({ path }) => this.#covers(path)));
        const [groups, perhaps] = [covered(result.groups), covered(result.perhaps)];
        const links = result.links.filter(({ path }) => this.#covers(path));
        this.#state.set({ duplicates: { ...result, groups, perhaps, links }, progress: null });
      } else {
        const result = await this.#host.labels(folder, from, this.#run, signal);
        this.#state.set({
          labels: {
            ...result,
            // A contradiction with another part of the folder is one of this part, too.
            contradictions: result.contradictions.filter(({ paths }) => paths.some((path) => this.#covers(path))),
            suspicious: result.suspicious.filter(({ path }) => this.#covers(path)),
          },
        });
      }
    } catch (error) {
      if (signal !== this.#abort.signal) return;
      if (this.#host.isCancellation(error) || signal.aborted)
        this.#state.say("info", this.#host.texts.stopped, ["retry"]);
      else this.#state.fail(error, ["retry", "showLog"]);
    } finally {
      if (signal === this.#abort.signal) {
        this.#indexing = false;
        this.#state.set({ progress: null });
      }
    }
  }

  /** To be called with each state of an index. */
  reportIndex({ folder, asked, progress }: FolderStatus): void {
    if (!this.#indexing || folder !== this.#saved.folder || asked !== undefined || progress === null) return;
    const { texts } = this.#host;
    const adapting = progress.phase === "adapting";
    const done = progress.total === 0 ? null : progress.done / progress.total;
    this.#state.set({ progress: { text: adapting ? texts.adapting : texts.indexing, done } });
  }

  /** To be called with each progress of the engine. */
  report({ run, step, done }: QueryProgress & { readonly run: number }): void {
    if (run !== this.#run || this.#state.now.progress === null) return;
    this.#state.set({ progress: { text: this.#host.texts.step(step), done } });
  }

  stop(): void {
    this.#abort.abort();
  }

  /** These files are gone: groups of which one image is left are no groups any more. */
  forget(paths: ReadonlySet<string>): void {
    const { duplicates, labels } = this.#state.now;
    const isGone = ({ path }: { readonly path: string }) => paths.has(path);
    const left = (all: DuplicatesResult["groups"]) =>
      all
        .map(({ images }) => ({ images: images.filter((image) => !isGone(image)) }))
        .filter(({ images }) => images.length > 1);
    const listed = duplicates === null ? [] : [...duplicates.groups, ...duplicates.perhaps];
    const gone = new Set(listed.flatMap(({ images }) => images.filter(isGone).map(({ path }) => path)));
    this.#state.set({
      duplicates: duplicates && {
        ...duplicates,
        images: duplicates.images - gone.size,
        groups: left(duplicates.groups),
        perhaps: left(duplicates.perhaps),
      },
      labels: labels && {
        ...labels,
        contradictions: labels.contradictions.filter((each) => !each.paths.some((path) => paths.has(path))),
        suspicious: labels.suspicious.filter((image) => !isGone(image)),
      },
    });
  }

  dispose(): void {
    this.#state.end();
    this.#abort.abort();
  }

  #covers(path: string): boolean {
    const { under } = this.saved;
    return under === "" || path.startsWith(`${under}/`);
  }
}

import { basename, join } from "node:path";
import type {
  ColumnChoice,
  FolderStatus,
  IndexSummary,
  NearImage,
  ProjectedModel,
  ProjectionColumnResult,
  ProjectionLayout,
  ProjectionNotifications,
  ProjectionParameters,
  ProjectionResult,
  ProjectionsAction,
  ProjectionsImages,
  ProjectionsState,
} from "../../shared/index.ts";
import { ShownState, type StateHost } from "../pages/shownState.ts";

/** What a session needs of the rest; plain functions, so that it can be tested without VS Code. */
export interface ProjectionsHost extends StateHost<ProjectionsState> {
  status(folder: string, model?: ProjectedModel): Promise<FolderStatus>;
  /** Brings the index up to date, or joins the run that does. */
  index(folder: string, model?: ProjectedModel): Promise<IndexSummary>;
  cancelIndexing(folder: string): void;
  /** Makes the maps; what streams in meanwhile carries `run`. */
  project(
    folder: string,
    run: number,
    parameters: ProjectionParameters,
    signal: AbortSignal,
  ): Promise<ProjectionResult>;
  neighbours(
    folder: string,
    parameters: ProjectionParameters,
    path: string,
    k: number,
  ): Promise<Readonly<Record<string, readonly NearImage[]>>>;
  column(folder: string, parameters: ProjectionParameters, column: ColumnChoice): Promise<ProjectionColumnResult>;
  /** Whether files of the workspace may be indexed: it is trusted. */
  mayIndex(): boolean;
  /** Whether a run found no image in the folder. */
  isEmpty(folder: string): boolean;
  texts: {
    readonly notIndexed: string;
    readonly untrusted: string;
    readonly noImages: string;
    readonly stopped: string;
    readonly indexChanged: string;
    readonly notYet: string;
    tooFew(images: number): string;
  };
  images(images: ProjectionsImages): void;
  layout(layout: ProjectionLayout): void;
}

/** Fewer points are no picture. */
const LEAST_IMAGES = 3;

/** Number of the latest run of all sessions. */
let latestRun = 0;

/** The maps of one folder: makes them of what is indexed, and keeps what the page draws. */
export class ProjectionsSession {
  readonly folder: string;
  readonly #host: ProjectionsHost;
  readonly #state: ShownState<ProjectionsState>;
  #images: ProjectionsImages = { descriptors: [], paths: [] };
  #known = new Set<string>();
  readonly #layouts = new Map<string, ProjectionLayout>();
  #run = 0;
  /** The latest run whose images are known. */
  #toldRun = 0;
  #abort = new AbortController();
  /** Images of the index when the maps were made; undefined until then. */
  #made: number | undefined;

  /**
   * @param folder absolute path of the indexed folder
   * @param parameters how the maps are made, and of what part of it
   */
  constructor(host: ProjectionsHost, folder: string, parameters: ProjectionParameters) {
    this.#host = host;
    this.folder = folder;
    this.#state = new ShownState(host, {
      folder: basename(folder),
      under: parameters.under,
      parameters,
      work: null,
      summary: null,
      notice: null,
    });
  }

  /** How the maps are made, and of what part of the folder. */
  get parameters(): ProjectionParameters {
    return this.#state.now.parameters;
  }

  get state(): ProjectionsState {
    return this.#state.now;
  }

  get images(): ProjectionsImages {
    return this.#images;
  }

  /** The latest of each map. */
  get layouts(): readonly ProjectionLayout[] {
    return [...this.#layouts.values()];
  }

  /** Absolute path of an image of the maps; undefined for anything else. */
  resolve(path: string): string | undefined {
    return this.#known.has(path) ? join(this.folder, path) : undefined;
  }

  /** The models whose indexes are laid out: the one in use, or two that are compared. */
  get #models(): readonly (ProjectedModel | undefined)[] {
    return this.parameters.models ?? [undefined];
  }

  /** Makes the maps of what is indexed; where nothing is, it offers to index. Never indexes by itself. */
  async start(): Promise<void> {
    await this.#guard(() => this.#make(false));
  }

  /** Makes the maps in another way; what is drawn stays until the first new picture. */
  async run(parameters: ProjectionParameters): Promise<void> {
    this.#state.set({ parameters, under: parameters.under });
    await this.start();
  }

  /** Brings the index up to date, then makes the maps. */
  async indexAndStart(): Promise<void> {
    await this.#guard(async () => {
      if (!this.#host.mayIndex()) {
        this.#state.say("info", this.#host.texts.untrusted, ["manageTrust"]);
        return;
      }
      for (const model of this.#models) {
        this.#state.set({ work: { phase: "indexing", done: null } });
        await this.#host.index(this.folder, model);
      }
      await this.#make(true);
    });
  }

  /** Stops what is under way; what is drawn stays. */
  stop(): void {
    if (this.#state.now.work?.phase === "indexing") this.#host.cancelIndexing(this.folder);
    this.#abort.abort();
  }

  /** Of an image of the finished maps; empty while there are none. */
  async neighbours(path: string, k: number): Promise<Readonly<Record<string, readonly NearImage[]>>> {
    if (this.#state.now.summary === null) return {};
    return this.#host.neighbours(this.folder, this.parameters, path, k);
  }

  /** A value per image of the finished maps. @throws where there are none */
  async column(column: ColumnChoice): Promise<ProjectionColumnResult> {
    if (this.#state.now.summary === null) throw new Error(this.#host.texts.notYet);
    return this.#host.column(this.folder, this.parameters, column);
  }

  /** To be called when the engine tells of a folder. */
  report({ folder, asked, progress, indexed, byOthers }: FolderStatus): void {
    if (folder !== this.folder || asked !== undefined) return;
    if (this.#state.now.work?.phase === "indexing") {
      const done = progress === null || progress.total === 0 ? null : progress.done / progress.total;
      this.#state.set({ work: { phase: "indexing", done } });
    } else if (
      this.#state.now.work === null &&
      progress === null &&
      this.#made !== undefined &&
      (indexed !== this.#made || byOthers)
    ) {
      this.#state.say("info", this.#host.texts.indexChanged, ["run"]);
    }
  }

  /** To be called with what streams in while maps are made. */
  reportImages({ run, descriptors, paths }: ProjectionNotifications["projection/images"]): void {
    if (run !== this.#run || this.#state.ended) return;
    this.#toldRun = run;
    // The same images in the same order: their points move from where they are.
    if (sameList(this.#images.descriptors, descriptors) && sameList(this.#images.paths, paths)) return;
    this.#images = { descriptors, paths };
    this.#known = new Set(paths);
    this.#layouts.clear();
    this.#host.images(this.#images);
  }

  reportLayout({ run, ...layout }: ProjectionNotifications["projection/layout"]): void {
    if (run !== this.#run || this.#state.ended) return;
    this.#layouts.set(layout.descriptor, layout);
    this.#host.layout(layout);
  }

  reportProgress({ run, phase, done }: ProjectionNotifications["projection/progress"]): void {
    if (run === this.#run && this.#state.now.work !== null) this.#state.set({ work: { phase, done } });
  }

  dispose(): void {
    this.#state.end();
    this.#abort.abort();
  }

  /** @param current the index was just brought up to date */
  async #make(current: boolean): Promise<void> {
    const { texts } = this.#host;
    this.#state.set({ work: { phase: "opening", done: null } });
    let indexed = Infinity;
    for (const model of this.#models) {
      indexed = Math.min(indexed, (await this.#host.status(this.folder, model)).indexed);
    }
    this.#abort.signal.throwIfAborted();
    if (indexed === 0) {
      // Where images have come since, the button is the way on.
      const empty = current || this.#host.isEmpty(this.folder);
      if (empty) this.#state.say("info", texts.noImages, current ? [] : ["indexFolder"]);
      else if (this.#host.mayIndex()) this.#state.say("info", texts.notIndexed, ["indexFolder"]);
      else this.#state.say("info", texts.untrusted, ["manageTrust"]);
      return;
    }
    this.#run = ++latestRun;
    const { summary } = await this.#host.project(this.folder, this.#run, this.parameters, this.#abort.signal);
    this.#made = indexed;
    if (summary.images >= LEAST_IMAGES) this.#state.set({ summary });
    else this.#state.say("info", texts.tooFew(summary.images), []);
  }

  /** After a failure. A part of the folder whose images were never told may have none. */
  get #waysOn(): readonly ProjectionsAction[] {
    const partWithout = this.parameters.under !== "" && this.#toldRun !== this.#run;
    return partWithout ? ["indexFolder", "wholeFolder", "showLog"] : ["retry", "showLog"];
  }

  /** One thing at a time; what goes wrong becomes a notice, and maps that are there stay. */
  async #guard(work: () => Promise<void>): Promise<void> {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const current = () => this.#abort === abort;
    try {
      this.#state.set({ notice: null, summary: null });
      await work();
    } catch (error) {
      if (!current()) return;
      if (abort.signal.aborted || this.#host.isCancellation(error))
        this.#state.say("info", this.#host.texts.stopped, ["run"]);
      else this.#state.fail(error, this.#waysOn);
    } finally {
      if (current()) this.#state.set({ work: null });
    }
  }
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}

import { basename, isAbsolute, join } from "node:path";
import type {
  EvaluateParams,
  EvaluationChoice,
  EvaluationProgress,
  EvaluationReport,
  EvaluationState,
  FolderStatus,
  IndexSummary,
  SavedEvaluation,
  TableSummary,
} from "../../shared/index.ts";
import { ShownState, type StateHost } from "../pages/shownState.ts";

/** What a session needs of the rest; plain functions, so that it can be tested without VS Code. */
export interface EvaluationHost extends StateHost<EvaluationState> {
  status(folder: string): Promise<FolderStatus>;
  index(folder: string): Promise<IndexSummary>;
  evaluate(asked: Asked, signal: AbortSignal): Promise<EvaluationReport>;
  /** That labels can be taken from. */
  tables(folder: string): Promise<readonly TableSummary[]>;
  /** Names of installed models but the one that is chosen for the folder. */
  models(folder: string): Promise<readonly string[]>;
  mayIndex(): boolean;
  texts: {
    readonly indexing: string;
    readonly adapting: string;
    readonly untrusted: string;
    readonly noImages: string;
    readonly stopped: string;
    step(progress: EvaluationProgress): string;
  };
}

type Asked = Pick<
  EvaluateParams,
  "folder" | "run" | "models" | "labels" | "protocol" | "dataset" | "boxes" | "searchedOnly"
>;

let runs = 0;

/** Brings a folder's index up to date and evaluates what is found in it. */
export class EvaluationSession {
  #saved: SavedEvaluation;
  readonly #host: EvaluationHost;
  readonly #state: ShownState<EvaluationState>;
  #run = 0;
  #shown = 0;
  #abort = new AbortController();
  /** Its folder's index is being brought up to date. */
  #indexing = false;
  /** Of the report. */
  #paths = new Set<string>();

  constructor(host: EvaluationHost, saved: SavedEvaluation) {
    this.#host = host;
    this.#saved = saved;
    this.#state = new ShownState(host, {
      folder: basename(saved.folder),
      report: null,
      tables: [],
      models: [],
      progress: null,
      notice: null,
    });
  }

  get saved(): SavedEvaluation {
    return this.#saved;
  }

  /** Of the report that is shown. */
  get run(): number {
    return this.#shown;
  }

  get state(): EvaluationState {
    return this.#state.now;
  }

  /** Absolute path of an image of the report; undefined for anything else. */
  resolve(path: string): string | undefined {
    if (!this.#paths.has(path) || isAbsolute(path) || path.split(/[\\/]/).includes("..")) return undefined;
    return join(this.#saved.folder, path);
  }

  /** Evaluates something else. */
  async choose(choice: EvaluationChoice): Promise<void> {
    this.#saved = { ...this.#saved, ...choice };
    await this.start();
  }

  /** Looks for tables again: one was chosen. */
  async findTables(): Promise<void> {
    // Without them there are still the folders; the host has logged why.
    this.#state.set({ tables: await this.#host.tables(this.#saved.folder).catch(() => []) });
  }

  async start(): Promise<void> {
    const { folder, labels, protocol, dataset, boxes, models } = this.#saved;
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#run = ++runs;
    const { texts } = this.#host;
    const trusted = this.#host.mayIndex();
    this.#state.set({ notice: null, progress: { text: texts.indexing, done: null } });
    void this.findTables();
    void this.#findModels(folder);
    try {
      this.#indexing = true;
      if (trusted) await this.#host.index(folder);
      const { indexed } = await this.#host.status(folder);
      if (signal.aborted) return;
      this.#indexing = false;
      if (indexed === 0) {
        if (trusted) this.#state.say("info", texts.noImages, ["retry"]);
        else this.#state.say("info", texts.untrusted, ["manageTrust"]);
        return;
      }
      // Nothing of a workspace that is not trusted is embedded.
      const asked = {
        folder,
        run: this.#run,
        labels,
        protocol,
        dataset,
        boxes,
        models: trusted ? models : [],
        searchedOnly: !trusted,
      };
      const report = await this.#host.evaluate(asked, signal);
      if (signal.aborted) return;
      this.#shown = asked.run;
      this.#paths = pathsOf(report);
      this.#state.set({ report });
    } catch (error) {
      if (signal !== this.#abort.signal) return;
      if (this.#host.isCancellation(error) || signal.aborted) this.#state.say("info", texts.stopped, ["retry"]);
      else this.#state.fail(error, ["retry", "showLog"]);
    } finally {
      if (signal === this.#abort.signal) {
        this.#indexing = false;
        this.#state.set({ progress: null });
      }
    }
  }

  async #findModels(folder: string): Promise<void> {
    this.#state.set({ models: await this.#host.models(folder).catch(() => []) });
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
  report({ run, ...progress }: EvaluationProgress & { readonly run: number }): void {
    if (run !== this.#run || this.#state.now.progress === null) return;
    const done = progress.total === 0 ? null : progress.done / progress.total;
    this.#state.set({ progress: { text: this.#host.texts.step(progress), done } });
  }

  stop(): void {
    this.#abort.abort();
  }

  dispose(): void {
    this.#state.end();
    this.#abort.abort();
  }
}

/** Every image that a report names. */
function pathsOf({ models, copies, contradictions }: EvaluationReport): Set<string> {
  return new Set([
    ...copies.first.flat(),
    ...contradictions.flatMap(({ path, copy }) => [path, copy]),
    ...models.flatMap(({ comparison, failures }) => [
      ...(comparison?.pairs.flatMap(({ examplesA, examplesB }) => [...examplesA, ...examplesB]) ?? []),
      ...failures.flatMap(({ worst, confused, hubs, neverFound }) => [
        ...worst.flatMap(({ query, wrong, right }) => [query, wrong, right]),
        ...confused.map(({ example }) => example),
        ...hubs.map(({ path }) => path),
        ...neverFound.first,
      ]),
    ]),
  ]);
}

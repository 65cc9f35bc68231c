import { basename, join, relative, sep } from "node:path";
import type {
  SavedTraining,
  StartModel,
  TrainingAction,
  TrainingChoices,
  TrainingData,
  TrainingNotice,
  TrainingOptions,
  TrainingPageState,
} from "../../shared/index.ts";
import type { RunView, RunWatch } from "./runWatch.ts";
import { TrainingBusyError, type TrainingRuns } from "./trainingRuns.ts";

/** What a session needs of the rest; plain functions, so that it can be tested without VS Code. */
export interface TrainingHost {
  /** Counts what these options would be given. */
  count(options: TrainingOptions, signal: AbortSignal): Promise<TrainingData>;
  /** Models that a training can start from. */
  models(root: string): Promise<readonly StartModel[]>;
  readonly runs: Pick<TrainingRuns, "start" | "resume" | "control" | "watch">;
  /** A name for the model that is made, which no installed one has. */
  modelName(options: TrainingOptions): Promise<string>;
  /** Copies a made model among the installed ones. @returns its name */
  install(model: string, name: string): Promise<string>;
  /** Uses an installed model for a folder. */
  select(name: string, root: string): Promise<void>;
  /** Brings the index of a folder up to date with the model that is used for it. */
  index(root: string, progress: (done: number | null) => void): Promise<void>;
  /** Whether the workspace is trusted. */
  mayTrain(): boolean;
  isCancellation(error: unknown): boolean;
  /** For the user. */
  failureText(error: unknown): string;
  texts: {
    readonly notBetter: string;
    readonly stopped: string;
    busy(folder: string): string;
    interrupted(reason: string | undefined): string;
    used(name: string): string;
  };
  /** Milliseconds that choices rest before they are counted. */
  readonly rest: number;
  changed(state: TrainingPageState): void;
}

/** One training: its choices, then its run. */
export class TrainingSession {
  readonly root: string;
  readonly #host: TrainingHost;
  #state: TrainingPageState;
  #options: TrainingOptions;
  #run: string | null;
  #watch: RunWatch | undefined;
  #counting = new AbortController();
  /** Images of the examples. */
  #known = new Set<string>();
  /** The run that a second start was refused for. */
  #busy: string | undefined;
  #disposed = false;

  /**
   * @param root absolute path of the indexed folder that the training folder lies in
   * @param run id of the run to show; null to choose first
   */
  constructor(host: TrainingHost, { root, options, run }: SavedTraining) {
    this.#host = host;
    this.root = root;
    this.#options = options;
    this.#run = run;
    this.#state = {
      stage: "choosing",
      folder: this.#folderName(),
      root: basename(root),
      options,
      models: [],
      data: null,
      counting: false,
      run: null,
      installed: null,
      used: false,
      restricted: !host.mayTrain(),
      notice: null,
    };
  }

  get state(): TrainingPageState {
    return this.#state;
  }

  get saved(): SavedTraining {
    return { root: this.root, options: this.#options, run: this.#run };
  }

  /** The run that is shown. */
  get run(): string | null {
    return this.#run;
  }

  /** The run that stands in the way of a start. */
  get busy(): string | undefined {
    return this.#busy;
  }

  /** Absolute path of an image of the examples; undefined for anything else. */
  resolve(path: string): string | undefined {
    return this.#known.has(path) ? join(this.#options.folder, path) : undefined;
  }

  /** The first query of the examples, as an absolute path; undefined while there are none. */
  get exampleQuery(): string | undefined {
    const query = this.#state.run?.examples?.examples[0]?.query;
    return query === undefined ? undefined : join(this.#options.folder, query);
  }

  /** Shows the run, or counts what the choices would be given. */
  async start(): Promise<void> {
    await this.#guard(async () => {
      this.#set({ notice: null, restricted: !this.#host.mayTrain() });
      if (this.#run !== null) await this.#follow(this.#run);
      const models = await this.#host.models(this.root);
      this.#set({ models });
    });
    if (this.#run === null) await this.#count();
  }

  /** Takes over choices; nothing happens while a run is shown. */
  async change(choices: TrainingChoices & { readonly labels?: string | null }): Promise<void> {
    if (this.#run !== null) return;
    // A page names an installed model, and never a file.
    const { model = null } = choices;
    if (model !== null && !this.#state.models.some(({ name }) => name === model)) return;
    this.#options = { ...this.#options, ...choices };
    this.#set({ options: this.#options });
    await this.#count(this.#host.rest);
  }

  /** @returns whether this session does something about the action */
  async act(action: TrainingAction): Promise<boolean> {
    const run = this.#run;
    switch (action) {
      case "start":
        await this.#guard(() => this.#begin());
        return true;
      case "again":
        this.#leave();
        await this.start();
        return true;
      case "dropLabels":
        await this.change({ labels: null });
        return true;
      case "retry":
        await this.start();
        return true;
      case "use":
        await this.#guard(() => this.#use());
        return true;
      case "pause":
      case "stop":
      case "resume":
        if (run !== null) await this.#guard(() => this.#control(run, action));
        return true;
      default:
        return false;
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#counting.abort();
    this.#watch?.dispose();
  }

  async #begin(): Promise<void> {
    if (this.#run !== null) return;
    if (!this.#host.mayTrain()) {
      this.#set({ restricted: true });
      return;
    }
    this.#counting.abort();
    this.#busy = undefined;
    try {
      const id = await this.#host.runs.start(this.#options, await this.#host.modelName(this.#options));
      await this.#follow(id);
    } catch (error) {
      if (!(error instanceof TrainingBusyError)) throw error;
      this.#busy = error.run.id;
      this.#say("info", this.#host.texts.busy(basename(error.run.info.options.folder)), ["showRunning"]);
    }
  }

  async #control(run: string, action: "pause" | "stop" | "resume"): Promise<void> {
    const { runs, texts } = this.#host;
    if (action === "resume" && !this.#host.mayTrain()) {
      this.#set({ restricted: true });
      return;
    }
    try {
      if (action === "resume") await runs.resume(run);
      else await runs.control(run, action);
      await this.#watch?.refresh();
    } catch (error) {
      if (!(error instanceof TrainingBusyError)) throw error;
      this.#busy = error.run.id;
      this.#say("info", texts.busy(basename(error.run.info.options.folder)), ["showRunning"]);
    }
  }

  async #follow(id: string): Promise<void> {
    this.#watch?.dispose();
    const watch = await this.#host.runs.watch(id, (view) => this.#show(view));
    if (this.#disposed) {
      watch.dispose();
      return;
    }
    this.#watch = watch;
    this.#run = id;
    this.#options = watch.info.options;
    this.#set({ options: this.#options, folder: this.#folderName(), notice: null, counting: false });
    this.#show(watch.view);
  }

  #show({ stage, progress, data, ended }: RunView): void {
    for (const { query, before, now } of progress.examples?.examples ?? []) {
      for (const path of [query, ...before.map((hit) => hit.path), ...now.map((hit) => hit.path)])
        this.#known.add(path);
    }
    const before = this.#state.stage;
    this.#set({ stage, run: progress, data: data ?? this.#state.data });
    if (stage === before) return;
    const { texts } = this.#host;
    if (stage === "failed") this.#say("error", progress.failure ?? "", ["showLog"]);
    else if (stage === "interrupted") this.#say("error", texts.interrupted(ended), ["showLog"]);
    else if (stage === "done" && progress.result?.improved === false) this.#say("info", texts.notBetter, []);
    else if (stage === "done" && progress.result?.stopped === true) this.#say("info", texts.stopped, []);
    else this.#set({ notice: null });
  }

  /** Installs the model that was made, where it is not yet. @returns its name; undefined where there is none */
  async install(): Promise<string | undefined> {
    const { result, name } = this.#state.run ?? {};
    if (result == null || name === undefined) return undefined;
    const installed = this.#state.installed ?? (await this.#host.install(result.model, name));
    this.#set({ installed });
    return installed;
  }

  async #use(): Promise<void> {
    const installed = await this.install();
    if (installed === undefined) return;
    await this.#host.select(installed, this.root);
    this.#set({ used: true, indexing: null, notice: null });
    try {
      await this.#host.index(this.root, (done) => this.#set({ indexing: done }));
      this.#say("info", this.#host.texts.used(installed), []);
    } finally {
      const { indexing: _, ...state } = this.#state;
      this.#state = state;
      this.#set({});
    }
  }

  /** Back to the choices, with what was chosen for the run. */
  #leave(): void {
    this.#watch?.dispose();
    this.#watch = undefined;
    this.#run = null;
    this.#known.clear();
    this.#set({ stage: "choosing", run: null, data: null, installed: null, used: false, notice: null });
  }

  async #count(rest = 0): Promise<void> {
    this.#counting.abort();
    const abort = new AbortController();
    this.#counting = abort;
    if (!this.#host.mayTrain()) return;
    this.#set({ counting: true });
    if (rest > 0) await new Promise((done) => setTimeout(done, rest));
    if (abort.signal.aborted) return;
    await this.#guard(async () => {
      const data = await this.#host.count(this.#options, abort.signal);
      if (!abort.signal.aborted) this.#set({ data, notice: null });
    });
    if (this.#counting === abort) this.#set({ counting: false });
  }

  #folderName(): string {
    const inside = relative(this.root, this.#options.folder).split(sep).join("/");
    return inside === "" || inside.startsWith("..")
      ? basename(this.#options.folder)
      : `${basename(this.root)}/${inside}`;
  }

  /** What goes wrong becomes a notice; what is there stays. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#host.isCancellation(error)) this.#say("error", this.#host.failureText(error), ["retry", "showLog"]);
    }
  }

  #say(kind: TrainingNotice["kind"], text: string, actions: readonly TrainingAction[]): void {
    this.#set({ notice: { kind, text, actions } });
  }

  #set(change: Partial<TrainingPageState>): void {
    if (this.#disposed) return;
    this.#state = { ...this.#state, ...change };
    this.#host.changed(this.#state);
  }
}

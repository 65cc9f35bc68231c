import { basename, join } from "node:path";
import type {
  AblationAxes,
  SavedTraining,
  TrainingAction,
  TrainingChoices,
  TrainingOptions,
  TrainingPageState,
} from "../../shared/index.ts";
import { ShownState } from "../pages/shownState.ts";
import { DataCount } from "./dataCount.ts";
import { folderTitle } from "./folderTitle.ts";
import { installMade, useBefore, useKept, useMade } from "./madeModel.ts";
import type { RunView, RunWatch } from "./runWatch.ts";
import { noteStage } from "./stageNotice.ts";
import type { TrainingHost } from "./trainingHost.ts";
import { TrainingBusyError } from "./trainingRuns.ts";

/** Where labels come from; a page does not choose it. */
export type ChosenLabels = Pick<TrainingOptions, "labels" | "labelColumn">;

/** One training: its choices, then its run. */
export class TrainingSession {
  readonly root: string;
  readonly #host: TrainingHost;
  readonly #state: ShownState<TrainingPageState>;
  #options: TrainingOptions;
  #ablation: AblationAxes | null;
  #run: string | null;
  /** As it was before a reload of the window. */
  #made: SavedTraining["made"];
  #watch: RunWatch | undefined;
  readonly #counting: DataCount;
  /** Images of the examples. */
  #known = new Set<string>();
  /** The run that a second start was refused for. */
  #busy: string | undefined;

  /**
   * @param root absolute path of the indexed folder that the training folder lies in
   * @param run id of the run to show; null to choose first
   */
  constructor(host: TrainingHost, { root, options, run, ablation, made }: SavedTraining) {
    this.#host = host;
    this.#made = made;
    this.root = root;
    this.#options = options;
    this.#ablation = ablation;
    this.#run = run;
    this.#state = new ShownState<TrainingPageState>(host, {
      stage: "choosing",
      folder: folderTitle(this.root, this.#options.folder),
      root: basename(root),
      options,
      ablation,
      models: [],
      data: null,
      counting: false,
      run: null,
      installed: null,
      used: false,
      usedBefore: null,
      restricted: !host.mayTrain(),
      notice: null,
    });
    this.#counting = new DataCount(this.#state, host);
  }

  get state(): TrainingPageState {
    return this.#state.now;
  }

  get saved(): SavedTraining {
    const { used, installed, usedBefore } = this.#state.now;
    const made = used && installed !== null ? { made: { installed, usedBefore } } : {};
    return { root: this.root, options: this.#options, run: this.#run, ablation: this.#ablation, ...made };
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
    const query = this.#state.now.run?.examples?.examples[0]?.query;
    return query === undefined ? undefined : join(this.#options.folder, query);
  }

  /** Shows the run, or counts what the choices would be given. */
  async start(): Promise<void> {
    await this.#guard(async () => {
      this.#state.set({ notice: null, restricted: !this.#host.mayTrain() });
      if (this.#run !== null) await this.#follow(this.#run);
      const made = this.#made;
      this.#made = undefined;
      if (made !== undefined) await useKept(this.#state, this.#host, this.root, made);
      const models = await this.#host.models(this.root);
      this.#state.set({ models });
    });
    if (this.#run === null) await this.#count();
  }

  /** Takes over choices; nothing happens while a run is shown. */
  async change(choices: TrainingChoices & Partial<ChosenLabels>): Promise<void> {
    if (this.#run !== null) return;
    // A page names an installed model, and never a file.
    const { model = null } = choices;
    if (model !== null && !this.#state.now.models.some(({ name }) => name === model)) return;
    this.#options = { ...this.#options, ...choices };
    this.#state.set({ options: this.#options });
    await this.#count(this.#host.rest);
  }

  /** Compares something else; nothing happens while a run is shown, or of one training. */
  changeAblation(axes: AblationAxes): void {
    if (this.#run !== null || this.#ablation === null) return;
    this.#ablation = axes;
    this.#state.set({ ablation: axes });
  }

  /** @returns whether this session does something about the action */
  async act(action: TrainingAction): Promise<boolean> {
    const run = this.#run;
    switch (action) {
      case "start":
        await this.#guard(() => this.#begin());
        return true;
      case "elsewhere":
        await this.#guard(() => this.#prepare());
        return true;
      case "importWeights":
      case "showElsewhere":
        if (run !== null) await this.#guard(() => this.#takeUp(run, action));
        return true;
      case "again":
        this.#leave();
        await this.start();
        return true;
      case "dropLabels":
        await this.change({ labels: null, labelColumn: null });
        return true;
      case "retry":
        await this.start();
        return true;
      case "use":
        await this.#guard(() => useMade(this.#state, this.#host, this.root));
        return true;
      case "unuse":
        await this.#guard(() => useBefore(this.#state, this.#host, this.root));
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
    this.#state.end();
    this.#counting.stop();
    this.#watch?.dispose();
  }

  async #prepare(): Promise<void> {
    const folder = this.#host.mayTrain() ? await this.#host.pickElsewhere() : undefined;
    if (folder !== undefined) await this.#begin(folder);
    else this.#state.set({ restricted: !this.#host.mayTrain() });
  }

  /** @param elsewhere folder that is prepared for another machine, which takes the steps */
  async #begin(elsewhere?: string): Promise<void> {
    if (this.#run !== null) return;
    if (!this.#host.mayTrain()) {
      this.#state.set({ restricted: true });
      return;
    }
    this.#counting.stop();
    this.#busy = undefined;
    try {
      const name = await this.#host.modelName(this.#options);
      const id = await this.#host.runs.start(this.#options, name, elsewhere, this.#ablation);
      await this.#follow(id);
    } catch (error) {
      if (this.#host.lacksTorch(error)) {
        this.#state.say("error", this.#host.failureText(error), ["setUpTorch", "elsewhere", "showLog"]);
        return;
      }
      if (!(error instanceof TrainingBusyError)) throw error;
      this.#busy = error.run.id;
      this.#state.say("info", this.#host.texts.busy(basename(error.run.info.options.folder)), ["showRunning"]);
    }
  }

  /** What has been prepared for another machine, or has come back from there. */
  async #takeUp(run: string, action: "importWeights" | "showElsewhere"): Promise<void> {
    const prepared = this.#state.now.run?.elsewhere;
    if (prepared == null) return;
    if (action === "showElsewhere") await this.#host.showElsewhere(prepared);
    else if (await this.#host.bringWeights(prepared)) await this.#control(run, "resume");
  }

  async #control(run: string, action: "pause" | "stop" | "resume"): Promise<void> {
    const { runs, texts } = this.#host;
    if (action === "resume" && !this.#host.mayTrain()) {
      this.#state.set({ restricted: true });
      return;
    }
    try {
      if (action === "resume") await runs.resume(run);
      else await runs.control(run, action);
      await this.#watch?.refresh();
    } catch (error) {
      if (!(error instanceof TrainingBusyError)) throw error;
      this.#busy = error.run.id;
      this.#state.say("info", texts.busy(basename(error.run.info.options.folder)), ["showRunning"]);
    }
  }

  async #follow(id: string): Promise<void> {
    this.#watch?.dispose();
    const watch = await this.#host.runs.watch(id, (view) => this.#show(view));
    if (this.#state.ended) {
      watch.dispose();
      return;
    }
    this.#watch = watch;
    this.#run = id;
    this.#options = watch.info.options;
    this.#ablation = watch.info.ablation ?? null;
    this.#state.set({
      options: this.#options,
      ablation: this.#ablation,
      folder: folderTitle(this.root, this.#options.folder),
      notice: null,
      counting: false,
    });
    this.#show(watch.view);
  }

  #show({ stage, progress, data, ended }: RunView): void {
    for (const { query, before, now } of progress.examples?.examples ?? []) {
      for (const path of [query, ...before.map((hit) => hit.path), ...now.map((hit) => hit.path)])
        this.#known.add(path);
    }
    const before = this.#state.now.stage;
    this.#state.set({ stage, run: progress, data: data ?? this.#state.now.data });
    if (stage === before) return;
    noteStage(this.#state, this.#host.texts, stage, progress, ended);
  }

  /** Installs the model that was made, where it is not yet. @returns its name; undefined where there is none */
  install(): Promise<string | undefined> {
    return installMade(this.#state, this.#host);
  }

  /** Back to the choices, with what was chosen for the run. */
  #leave(): void {
    this.#watch?.dispose();
    this.#watch = undefined;
    this.#run = null;
    this.#known.clear();
    const nothing = { run: null, data: null, installed: null, used: false, usedBefore: null, notice: null };
    this.#state.set({ stage: "choosing", ...nothing });
  }

  async #count(rest = 0): Promise<void> {
    if (this.#host.mayTrain()) await this.#guard(() => this.#counting.count(this.#options, rest));
    else this.#counting.stop();
  }

  /** What goes wrong becomes a notice; what is there stays. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#state.fail(error, ["retry", "showLog"]);
    }
  }
}

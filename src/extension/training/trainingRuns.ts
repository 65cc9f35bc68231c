import { randomBytes } from "node:crypto";
import { promises as fs } from "node:fs";
import { join } from "node:path";
import pMap from "p-map";
import {
  type AblationAxes,
  type ModelInUse,
  RUN_FILES,
  type TrainingOptions,
  type TrainingRunInfo,
} from "../../shared/index.ts";
import { lastEvent } from "./eventTail.ts";
import { type Control, readInfo, readSign, writeFile } from "./runFiles.ts";
import { type RunView, type RunWatch, watchRun } from "./runWatch.ts";
import { isAlive, startTrainer, TRAINER_LOG } from "./trainerProcess.ts";

/** A training is under way already; one at a time, since each takes the whole machine. */
export class TrainingBusyError extends Error {
  override readonly name = "TrainingBusyError";
  readonly run: RunSummary;

  constructor(run: RunSummary) {
    super(`A training on ${run.info.options.folder} is under way.`);
    this.run = run;
  }
}

export interface RunSummary {
  readonly id: string;
  readonly info: TrainingRunInfo;
  readonly alive: boolean;
  /** Neither at work nor at its end: it can be resumed. */
  readonly interrupted: boolean;
  /** It waits for the weights of another machine. */
  readonly waiting: boolean;
}

export interface TrainingRunsOptions {
  /** Holds a folder per run; made where it is not there. */
  readonly folder: string;
  /** The trainer's main module. */
  readonly trainer: string;
  /** Whether a training goes on where the process that started it ends; asked at each start. */
  readonly outlives?: () => boolean;
  /** Runs that are kept; older ones are forgotten at a start. */
  readonly kept?: number;
  /** Milliseconds between two looks at a run. */
  readonly interval?: number;
}

/** Runs that are looked at together: each has files open, in a process that all extensions share. */
const AT_ONCE = 16;
/** Names of the folders: a time and a random part. Whatever else lies there is left alone. */
const RUN_ID = /^\d{8}T\d{9}-[0-9a-f]{6}$/;

/**
 * The trainings on this machine, of all windows. A run lives in its folder and in a process of its own; who watches it
 * reads the files, and so finds it again after a reload.
 */
export class TrainingRuns {
  readonly #folder: string;
  readonly #trainer: string;
  readonly #outlives: () => boolean;
  readonly #kept: number;
  readonly #interval: number;
  /** Why a trainer that was started here has ended, by run. */
  readonly #ended = new Map<string, string>();

  constructor({ folder, trainer, outlives = () => true, kept = 10, interval = 400 }: TrainingRunsOptions) {
    this.#folder = folder;
    this.#trainer = trainer;
    this.#outlives = outlives;
    this.#kept = kept;
    this.#interval = interval;
  }

  /** The latest first. */
  async list(): Promise<RunSummary[]> {
    const names = await fs.readdir(this.#folder).catch((): string[] => []);
    const ids = names.filter((name) => RUN_ID.test(name)).sort((a, b) => (a < b ? 1 : -1));
    const all = await pMap(ids, (id) => this.find(id), { concurrency: AT_ONCE });
    return all.filter((run) => run !== undefined);
  }

  /** undefined where there is no such run. */
  async find(id: string): Promise<RunSummary | undefined> {
    if (!RUN_ID.test(id)) return undefined;
    const run = this.#path(id);
    const info = await readInfo(run);
    if (info === undefined) return undefined;
    const alive = await isAlive(run, await readSign(run));
    const last = await lastEvent(join(run, RUN_FILES.events));
    const waiting = !alive && last?.type === "prepared";
    const interrupted =
      !alive && !waiting && last?.type !== "done" && last?.type !== "ablated" && last?.type !== "failed";
    return { id, info, alive, interrupted, waiting };
  }

  /**
   * Starts a training, or an ablation.
   * @param name of the model that is made
   * @param inUse what the folder is searched with, to be compared with
   * @param more `elsewhere`: absolute path of the folder that is prepared for another machine, or whose weights have come back;
   *   `ablation`: what is compared
   * @returns the id of the run
   * @throws TrainingBusyError
   */
  async start(
    options: TrainingOptions,
    name: string,
    inUse?: ModelInUse,
    {
      elsewhere,
      ablation = null,
    }: { readonly elsewhere?: string | undefined; readonly ablation?: AblationAxes | null } = {},
  ): Promise<string> {
    await this.#refuseSecond();
    await this.#forgetOld();
    const now = new Date();
    const id = `${now.toISOString().replace(/[-:.Z]/g, "")}-${randomBytes(3).toString("hex")}`;
    const run = this.#path(id);
    // Names and labels of its owner's pictures lie in it.
    await fs.mkdir(run, { recursive: true, mode: 0o700 });
    const info: TrainingRunInfo = {
      ...{ format: 1, options, name, started: now.toISOString() },
      ...(inUse && { inUse }),
      ...(elsewhere !== undefined && { elsewhere }),
      ...(ablation && { ablation }),
    };
    await writeFile(run, RUN_FILES.info, JSON.stringify(info, null, 2));
    await this.#launch(id);
    return id;
  }

  /**
   * Lets a paused run go on, or starts the trainer again on an interrupted one, from its checkpoint.
   * @throws TrainingBusyError where another one is under way
   */
  async resume(id: string): Promise<void> {
    if (await isAlive(this.#path(id), await readSign(this.#path(id)))) return this.control(id, "run");
    await this.#refuseSecond();
    await this.#launch(id);
  }

  /** Tells the trainer of a run; it follows at its next step. */
  async control(id: string, word: Control): Promise<void> {
    await writeFile(this.#path(id), RUN_FILES.control, word);
  }

  /** Follows a run. `changed` is called with each change until the watch is disposed. */
  async watch(id: string, changed: (view: RunView) => void): Promise<RunWatch> {
    const info = await readInfo(this.#path(id));
    if (!RUN_ID.test(id) || info === undefined) throw new Error(`The training ${id} is not there any more.`);
    const watch = await watchRun(this.#path(id), info, () => this.#ended.get(id));
    watch.follow(changed, this.#interval);
    return watch;
  }

  /** What the trainer of a run has printed. */
  logFile(id: string): string {
    return join(this.#path(id), TRAINER_LOG);
  }

  #path(id: string): string {
    return join(this.#folder, id);
  }

  async #launch(id: string): Promise<void> {
    this.#ended.delete(id);
    await this.control(id, "run");
    await startTrainer(this.#trainer, this.#path(id), this.#outlives(), (reason) => this.#ended.set(id, reason));
  }

  async #refuseSecond(): Promise<void> {
    const busy = (await this.list()).find(({ alive }) => alive);
    if (busy !== undefined) throw new TrainingBusyError(busy);
  }

  async #forgetOld(): Promise<void> {
    const old = (await this.list()).filter(({ alive }) => !alive).slice(this.#kept - 1);
    await pMap(old, ({ id }) => fs.rm(this.#path(id), { recursive: true, force: true }), { concurrency: AT_ONCE });
  }
}

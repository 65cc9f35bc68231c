import { promises as fs } from "node:fs";
import { basename, join, resolve } from "node:path";
import {
  type AttentionKind,
  type DeviceChoice,
  RUN_FILES,
  TRAINING_DEFAULTS,
  type TrainingOptions,
  type TrainingResult,
} from "../../shared/index.ts";
import { refuseLoneColumn } from "../labelOptions.ts";
import { loadCore, shelfOf, TORCH_TRAINER } from "../tools.ts";
import { trainingOutput } from "./output.ts";

type Chosen = Partial<Omit<TrainingOptions, "folder" | "labels" | "labelColumn" | "attention">>;

export interface TrainCommandOptions extends Chosen {
  readonly out: string;
  readonly labels?: string;
  readonly column?: string;
  readonly attention?: AttentionKind;
  readonly device?: DeviceChoice;
  readonly resume?: string;
  /** Folder that another machine trains; and the same with the weights that came back. */
  readonly elsewhere?: string;
  readonly import?: string;
  readonly json?: boolean;
}

/**
 * `lookalike train`. Progress goes to stderr and the result to stdout; with `--json`, events go to stdout, one per line,
 * and the result is the last one. Ctrl-C stops and keeps the best so far; a second one ends at once, and what is there
 * can be resumed.
 */
export async function trainCommand(folder: string, given: TrainCommandOptions): Promise<void> {
  const core = await loadCore();
  const out = resolve(given.out);
  const { runFolder, kept } = await placeOf(core.hasNotBegun, out, given);
  const options = kept ? goneOnWith((await core.readRunInfo(runFolder)).options, given) : optionsOf(folder, given);
  if (given.import !== undefined && options.engine !== "torch") {
    throw new Error(`${runFolder} holds a training of the built-in engine. Go on with --resume "${runFolder}".`);
  }
  const model = () => shelfOf(core).find(options.model ?? "default");
  const control = new core.TrainingControl();
  const abort = new AbortController();
  const output = trainingOutput(given.json ?? false);
  const interrupt = () => {
    if (control.word === "stop") return abort.abort();
    output.note("Stopping; the best so far is kept. Press Ctrl-C again to end at once.");
    control.set("stop");
  };
  process.on("SIGINT", interrupt);
  try {
    const name = basename(out, ".onnx");
    const apart = (given.elsewhere ?? given.import) !== undefined;
    const torch = { script: TORCH_TRAINER, elsewhere: apart ? runFolder : undefined };
    const run = { name, model, control, signal: abort.signal, onEvent: output.event, torch };
    const { model: written, ...scores } = await core.runTraining(options, runFolder, run);
    // On another disk it is written whole, or not at all.
    await fs.rename(written, out).catch(async () => core.writeFileAtomically(out, await fs.readFile(written)));
    if (given.import === undefined) await fs.rm(runFolder, { recursive: true, force: true });
    const result: TrainingResult = { ...scores, model: out };
    output.result(result);
  } catch (error) {
    output.end();
    if (error instanceof core.PreparedElsewhere && given.elsewhere !== undefined) return;
    if (!abort.signal.aborted) {
      await removeIfEmpty(runFolder, !kept && given.elsewhere === undefined);
      throw error;
    }
    console.error(
      `Ended. To go on: lookalike train "${folder}" --out "${given.out}" --resume "${runFolder}"${pythonAgain(given)}`,
    );
    process.exitCode = 130;
  } finally {
    process.off("SIGINT", interrupt);
  }
}

/** A run's folder may come from somebody else: which program takes the steps is said by whoever goes on with it. */
function goneOnWith({ python: _, ...kept }: TrainingOptions, { python }: TrainCommandOptions): TrainingOptions {
  return { ...kept, ...(python === undefined ? {} : { python }) };
}

function optionsOf(folder: string, given: TrainCommandOptions): TrainingOptions {
  const { out: _out, resume: _resume, json: _json, elsewhere, import: _import, ...options } = given;
  const { labels, column, attention, ...chosen } = options;
  refuseLoneColumn(given);
  return {
    ...TRAINING_DEFAULTS,
    ...chosen,
    folder: resolve(folder),
    labels: labels === undefined ? null : resolve(labels),
    labelColumn: column ?? null,
    attention: attention ?? null,
    // Nothing else can be taken elsewhere.
    ...(elsewhere === undefined ? {} : { engine: "torch" }),
  };
}

function pythonAgain({ python }: TrainCommandOptions): string {
  return python === undefined ? "" : ` --python "${python}"`;
}

/** The folder of the run, and whether it is there already, with options of its own. */
async function placeOf(
  hasNotBegun: (folder: string) => Promise<boolean>,
  out: string,
  { resume, elsewhere, import: imported }: TrainCommandOptions,
): Promise<{ readonly runFolder: string; readonly kept: boolean }> {
  const given = [resume, elsewhere, imported].filter((each) => each !== undefined);
  if (given.length > 1) throw new Error("Give one of --resume, --elsewhere and --import.");
  const runFolder = given[0] === undefined ? `${out}.run` : resolve(given[0]);
  if (resume !== undefined || imported !== undefined) return { runFolder, kept: true };
  if (!(await exists(runFolder)) || (await hasNotBegun(runFolder))) return { runFolder, kept: false };
  if (elsewhere === undefined) {
    throw new Error(`A training was interrupted there. Go on with --resume "${runFolder}", or delete that folder.`);
  }
  if ((await fs.readdir(runFolder)).length > 0) {
    throw new Error(`${runFolder} is not empty. Give a new folder, or --import where its weights have come back.`);
  }
  return { runFolder, kept: false };
}

/** A run that never got to a checkpoint leaves nothing worth keeping; a folder that was given stays. */
async function removeIfEmpty(runFolder: string, ours: boolean): Promise<void> {
  if (ours && !(await exists(join(runFolder, RUN_FILES.checkpoint)))) {
    await fs.rm(runFolder, { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return fs.access(path).then(
    () => true,
    () => false,
  );
}

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
import { loadCore, shelfOf } from "../tools.ts";
import { trainingOutput } from "./output.ts";

type Chosen = Partial<Omit<TrainingOptions, "folder" | "labels" | "attention">>;

export interface TrainCommandOptions extends Chosen {
  readonly out: string;
  readonly labels?: string;
  readonly attention?: AttentionKind;
  readonly device?: DeviceChoice;
  readonly resume?: string;
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
  const runFolder = given.resume === undefined ? `${out}.run` : resolve(given.resume);
  if (given.resume === undefined) await fs.rm(runFolder, { recursive: true, force: true });
  const options = given.resume === undefined ? optionsOf(folder, given) : (await core.readRunInfo(runFolder)).options;
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
    const run = { name, model, control, signal: abort.signal, onEvent: output.event };
    const { model: written, ...scores } = await core.runTraining(options, runFolder, run);
    await fs.rename(written, out).catch(() => fs.copyFile(written, out));
    await fs.rm(runFolder, { recursive: true, force: true });
    const result: TrainingResult = { ...scores, model: out };
    output.result(result);
  } catch (error) {
    output.end();
    if (!abort.signal.aborted) {
      await removeIfEmpty(runFolder);
      throw error;
    }
    console.error(`Ended. To go on: lookalike train "${folder}" --out "${given.out}" --resume "${runFolder}"`);
    process.exitCode = 130;
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function optionsOf(folder: string, given: TrainCommandOptions): TrainingOptions {
  const { out: _out, resume: _resume, json: _json, labels, attention, ...chosen } = given;
  return {
    ...TRAINING_DEFAULTS,
    ...chosen,
    folder: resolve(folder),
    labels: labels === undefined ? null : resolve(labels),
    attention: attention ?? null,
  };
}

/** A run that never got to a checkpoint leaves nothing worth keeping. */
async function removeIfEmpty(runFolder: string): Promise<void> {
  const kept = await fs.access(join(runFolder, RUN_FILES.checkpoint)).then(
    () => true,
    () => false,
  );
  if (!kept) await fs.rm(runFolder, { recursive: true, force: true });
}

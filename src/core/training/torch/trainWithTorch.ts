import { promises as fs } from "node:fs";
import { join } from "node:path";
import { readRegularFile } from "../../files/index.ts";
import { readSafetensors } from "../../model/index.ts";
import type { Rows } from "../../neighbours/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import type { RunContext } from "../run/context.ts";
import { evaluateRows, examplesOf } from "../run/evaluate.ts";
import { PhaseProgress } from "../run/events.ts";
import { readRunInfo } from "../run/runInfo.ts";
import { evaluateEvery } from "../run/trainLoop.ts";
import { launchLines, PreparedElsewhere, writeElsewhere } from "./elsewhere.ts";
import { runEngine } from "./engine.ts";
import { JOB_FILES, type JobImages, type JobNetwork, writeJob } from "./job.ts";
import type { TorchMessage } from "./messages.ts";
import { type Plan, type PlanOptions, planOf } from "./plan.ts";
import { readResult } from "./result.ts";

/** Bytes of a job, which names every image. */
const MAX_JOB = 2 ** 29 - 24;

/** Folder of the job, in the run's. */
export const JOB_FOLDER = "job";

export interface TorchParts extends PlanOptions {
  readonly key: string;
  readonly network: JobNetwork;
  /** Images whose pixels (or embeddings) are written, for progress. */
  readonly images: number;
  /**
   * Writes the files of the images.
   * @param withTest whether the test images are embedded while the network learns
   * @param onImage called with each that is written
   */
  readonly writeImages: (
    folder: string,
    withTest: boolean,
    onImage: () => void,
  ) => Promise<Readonly<Record<"train" | "validation" | "test", JobImages>>>;
}

/** What the steps came to; the network's parameters are the best ones afterwards. */
export interface TorchOutcome {
  readonly epoch: number;
  readonly stopped: boolean;
}

/**
 * Has torch take all steps of a training: writes a job, runs the engine on it, and takes over the weights. A job whose
 * result is there already is not run; one that was interrupted goes on from its checkpoint.
 * @throws PreparedElsewhere where the job is to be run elsewhere, and was not yet
 * @throws TrainingError with the reason where it fails
 */
export async function trainWithTorch(run: RunContext, parts: TorchParts): Promise<TorchOutcome> {
  const { control, signal, torch } = run;
  if (torch === undefined) throw new TrainingError("The torch engine is not part of this program.");
  const folder = join(torch.elsewhere ?? run.runFolder, JOB_FOLDER);
  const plan = planOf(parts);
  const ranks = ranksOf(run, plan);
  await prepareJob(run, parts, plan, folder);
  const resultFile = join(folder, JOB_FILES.result);
  let done = await readResult(resultFile, parts.key, parts.network.parameters);
  if (done === undefined) {
    if (torch.place === null) {
      const info = await readRunInfo(run.runFolder);
      const at = torch.elsewhere;
      await writeElsewhere(at, torch.script, plan.batch, info);
      throw new PreparedElsewhere({ folder: at, result: resultFile, lines: launchLines(info) });
    }
    const { device = "auto", precision } = run.options;
    const where = device === "cpu" || device === "cuda" ? device : "auto";
    await runEngine({
      python: torch.place.python,
      script: torch.script,
      job: folder,
      args: ["--ranks", String(ranks), "--device", where, "--precision", precision],
      ...{ control, signal },
      onMessage: (message) => relay(run, folder, message),
    });
    done = await readResult(resultFile, parts.key, parts.network.parameters);
  }
  if (done === undefined) throw new TrainingError(`The torch engine left no weights in ${resultFile}. Start it again.`);
  return done;
}

/** Processes: as many as asked for, or one per GPU as far as they share a batch evenly. @throws TrainingError */
function ranksOf({ options, torch }: RunContext, { batch }: Plan): number {
  const { ranks, device } = options;
  if (ranks !== null) {
    if (batch % ranks === 0) return ranks;
    throw new TrainingError(
      `A batch of ${batch} images (classes per batch x images per class) cannot be shared evenly by ${ranks} ranks. Choose another number.`,
    );
  }
  const gpus = device === "cpu" ? 1 : Math.max(1, torch?.place?.gpus ?? 1);
  return Array.from({ length: gpus }, (_, i) => gpus - i).find((n) => batch % n === 0)!;
}

async function prepareJob(run: RunContext, parts: TorchParts, plan: Plan, folder: string): Promise<void> {
  const there = await keyOf(folder);
  if (there === parts.key) return;
  if (there !== undefined && run.torch?.place === null) {
    // What hours on a cluster came to is not thrown away for an image that was added meanwhile.
    throw new TrainingError(
      `${folder} was prepared from other images than are there now: some were added, removed or changed, or it is another folder. Put them back as they were, and import it again. Nothing in it was changed.`,
    );
  }
  await fs.rm(folder, { recursive: true, force: true });
  await fs.mkdir(folder, { recursive: true });
  const progress = new PhaseProgress(run.emit, "preparing", parts.images);
  let written = 0;
  const images = await parts.writeImages(folder, run.torch?.place !== null, () => progress.note(++written));
  await writeJob(folder, {
    ...{ key: parts.key, network: parts.network, losses: run.options, plan, images },
    evaluateEvery: evaluateEvery(plan.epochs),
  });
}

/** Of the job that lies there; undefined where there is none. */
async function keyOf(folder: string): Promise<unknown> {
  try {
    const job: unknown = JSON.parse((await readRegularFile(join(folder, JOB_FILES.job), MAX_JOB)).toString("utf8"));
    return typeof job === "object" && job !== null && "key" in job ? job.key : undefined;
  } catch {
    return undefined;
  }
}

/** Passes an event on; what was found among the test images is scored here, by the same code as with the built-in engine. */
async function relay(run: RunContext, folder: string, message: TorchMessage): Promise<void> {
  if (message.type === "event") run.emit(message.event);
  if (message.type === "trained" && message.stopped) run.emit({ type: "stopping" });
  if (message.type !== "evaluation" || message.rows === undefined) return;
  const { epoch, best, validation } = message;
  const file = join(folder, message.rows);
  const rows = readRows(file, run.names, run.test.images.length);
  await fs.rm(file, { force: true });
  const tested = { images: run.test.images, copies: run.copies };
  const now = await evaluateRows(run.names, rows, tested, run.signal);
  const found = validation === undefined ? {} : { validation };
  run.emit({ type: "evaluation", epoch, recalls: now.recalls, ...found, best });
  run.emit({ type: "examples", epoch, examples: examplesOf(run, now) });
}

function readRows(file: string, names: readonly string[], count: number): Rows {
  const tensors = readSafetensors(file);
  const matrices = names.map((name) => tensors.floats(name).values);
  return { count, dims: matrices.map(({ length }) => length / count), matrices };
}

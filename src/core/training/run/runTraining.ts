import { promises as fs } from "node:fs";
import { join } from "node:path";
import {
  COMBINED,
  type ModelInUse,
  type Recalls,
  type TrainingEvent,
  type TrainingOptions,
  type TrainingResult,
} from "../../../shared/index.ts";
import { compactModel, writeModelFile } from "../../model/index.ts";
import { deviceFolder, openEmbedder } from "../../runtime/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import { PreparedElsewhere } from "../torch/elsewhere.ts";
import { findTorch } from "../torch/place.ts";
import { JOB_FOLDER } from "../torch/trainWithTorch.ts";
import type { RunContext, TorchUse, Trained } from "./context.ts";
import { TrainingControl } from "./control.ts";
import { CACHE_SUFFIX } from "./embeddingCache.ts";
import type { Evaluation } from "./evaluate.ts";
import type { Emit } from "./events.ts";
import { trainFullOrOfferHead } from "./full.ts";
import { trainHead } from "./head.ts";
import { type EmbeddingsMadeBefore, prepareRun, startFile } from "./prepareRun.ts";
import { provenanceOf } from "./provenance.ts";
import { RunFolder } from "./runFolder.ts";
import { whiten } from "./whiten.ts";

export interface RunOptions {
  /** Name of the model that is made. */
  readonly name: string;
  /** Finds the file of the model to start from; where that fails, the run tells so. */
  readonly model: () => Promise<string>;
  /** What the folder is searched with: it is scored on the same images. */
  readonly inUse?: ModelInUse | undefined;
  /** Ends the run at once; its checkpoint stays, and a later run goes on from it. */
  readonly signal?: AbortSignal | undefined;
  /** The same events go to the run folder. */
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
  /** Whether the model that is adapted without labels is scored as well; by default it is. */
  readonly compare?: boolean | undefined;
  readonly embeddings?: EmbeddingsMadeBefore | undefined;
  /** The torch engine: absolute path of its `train.py`, and the folder of a training whose steps are taken elsewhere. */
  readonly torch?: { readonly script: string; readonly elsewhere?: string | undefined } | undefined;
  /** See `RunContext`. */
  readonly onTest?: RunContext["onTest"];
  /** Who controls the run; the file `control` of the run folder does so too. */
  readonly control?: TrainingControl | undefined;
}

/**
 * Trains a model on a folder's images and writes it to the run folder. Where that holds a checkpoint of the same options,
 * the run goes on from there: on the CPU it ends with the same bits as a run that was never interrupted.
 * @throws TrainingError, ModelError, CannotTrainError in words for the user, also told as the event `failed`; the
 *   signal's reason where that ends it; PreparedElsewhere where torch is to take the steps elsewhere, and has not yet
 */
export async function runTraining(
  options: TrainingOptions,
  runFolder: string,
  given: RunOptions,
): Promise<TrainingResult> {
  const {
    name,
    model,
    inUse,
    signal,
    onEvent,
    control = new TrainingControl(),
    compare = true,
    embeddings,
    onTest,
  } = given;
  const started = performance.now();
  const folder = await RunFolder.take(runFolder);
  const emit: Emit = (event) => {
    folder.append(event);
    onEvent?.(event);
  };
  try {
    const told = inUse === undefined ? {} : { inUse };
    await folder.describe({ format: 1, options, name, ...told, started: new Date().toISOString() });
    await folder.follow(control);
    const torch = await torchUse(options, given);
    const modelFile = await startFile(options, await model(), runFolder);
    const embedder = await openEmbedder(modelFile, { device: options.device, cacheFolder: deviceFolder() });
    const { used, reason } = embedder.deviceReport;
    emit({ type: "device", work: "embedding", used, reason });
    try {
      const parts = { name, modelFile, inUse, embedder, signal, control, emit, compare, embeddings, onTest, torch };
      const run = await prepareRun(options, runFolder, parts);
      const trained = await MODES[options.mode](run);
      const result = await finish(run, trained, folder.file("model"), started);
      await fs.rm(folder.file("checkpoint"), { force: true });
      // What came back from elsewhere is its owner's.
      if (torch?.place) await fs.rm(join(runFolder, JOB_FOLDER), { recursive: true, force: true });
      await removeCaches(runFolder);
      emit({ type: "done", result });
      return result;
    } finally {
      await embedder.release();
    }
  } catch (error) {
    if (error instanceof PreparedElsewhere) emit({ type: "prepared", ...error.prepared });
    else if (!signal?.aborted)
      emit({ type: "failed", message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    await folder.release();
  }
}

const MODES: Readonly<Record<TrainingOptions["mode"], (run: RunContext) => Promise<Trained>>> = {
  whiten,
  head: trainHead,
  full: trainFullOrOfferHead,
};

async function finish(run: RunContext, trained: Trained, file: string, started: number): Promise<TrainingResult> {
  const { baseline, inUse, emit } = run;
  emit({ type: "progress", phase: "writing", done: 0, total: 1, imagesPerSecond: 0, secondsLeft: null });
  const { evaluation, adapted, epochs, stopped } = trained;
  const { recalls } = evaluation;
  await writeModelFile(file, compactModel(trained.toModel(await provenanceOf(run, trained)), file));
  emit({ type: "progress", phase: "writing", done: 1, total: 1, imagesPerSecond: 0, secondsLeft: 0 });
  return {
    baseline: baseline.recalls,
    ...(adapted === undefined ? {} : { adapted }),
    trained: recalls,
    ...(evaluation.withoutCopies === undefined
      ? {}
      : { withoutCopies: { baseline: baseline.withoutCopies!, trained: evaluation.withoutCopies } }),
    note: evaluation.note,
    improved: isBetter(evaluation, baseline, inUse),
    model: file,
    epochs,
    seconds: (performance.now() - started) / 1000,
    stopped,
  };
}

/** By the figure without copies where there are any; the model in use has only the one with them. */
function isBetter(now: Evaluation, before: Evaluation, inUse: Recalls | null): boolean {
  const of = (recalls: Recalls | null) => recalls?.[COMBINED]?.["recall@1"] ?? 0;
  const clean = ({ recalls, withoutCopies = recalls }: Evaluation) => of(withoutCopies);
  return clean(now) > clean(before) && (inUse === null || of(inUse) === 0 || of(now.recalls) > of(inUse));
}

/** Looked for first of all: without torch nothing need be embedded. @throws TrainingError where there is none */
async function torchUse(options: TrainingOptions, given: RunOptions): Promise<TorchUse | undefined> {
  const { engine, mode, python } = options;
  if (engine !== "torch") return undefined;
  if (mode === "whiten") {
    throw new TrainingError(
      "Adapting without labels takes no steps, so torch has nothing to do. Use the built-in engine.",
    );
  }
  if (given.torch === undefined) throw new TrainingError("The torch engine is not part of this program.");
  const { script, elsewhere } = given.torch;
  if (elsewhere !== undefined) return { script, place: null, elsewhere };
  return { script, place: await findTorch(python, given.signal) };
}

async function removeCaches(runFolder: string): Promise<void> {
  for (const name of await fs.readdir(runFolder)) {
    if (name.endsWith(CACHE_SUFFIX)) await fs.rm(join(runFolder, name), { force: true });
  }
}

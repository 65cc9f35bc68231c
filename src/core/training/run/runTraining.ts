import { createHash } from "node:crypto";
import { promises as fs } from "node:fs";
import { join } from "node:path";
import {
  COMBINED,
  listed,
  type TrainingEvent,
  type TrainingOptions,
  type TrainingResult,
} from "../../../shared/index.ts";
import { decodeForModel } from "../../images/index.ts";
import { compactModel, readModelFile, writeModelFile } from "../../model/index.ts";
import { NeighbourSearch } from "../../neighbours/index.ts";
import { deviceFolder, type Embedder, openEmbedder } from "../../runtime/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import { readTrainingSet, type TrainingSet } from "../data/trainingSet.ts";
import { type RunContext, type Trained, untilAllowed } from "./context.ts";
import { TrainingControl } from "./control.ts";
import { CACHE_SUFFIX, cachedEmbeddings } from "./embeddingCache.ts";
import { embedImages } from "./embedImages.ts";
import { estimateSeconds } from "./estimate.ts";
import { chooseExamples, evaluateRows } from "./evaluate.ts";
import { type Emit, PhaseProgress } from "./events.ts";
import { trainFullOrOfferHead } from "./full.ts";
import { trainHead } from "./head.ts";
import { provenanceOf } from "./provenance.ts";
import { RunFolder } from "./runFolder.ts";
import { startModel } from "./startModel.ts";
import { whiten } from "./whiten.ts";

export interface RunOptions {
  /** Name of the model that is made. */
  readonly name: string;
  /** Finds the file of the model to start from; where that fails, the run tells so. */
  readonly model: () => Promise<string>;
  /** Ends the run at once; its checkpoint stays, and a later run goes on from it. */
  readonly signal?: AbortSignal | undefined;
  /** The same events go to the run folder. */
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
  /** Who controls the run; the file `control` of the run folder does so too. */
  readonly control?: TrainingControl | undefined;
}

/** Examples that are shown while a model learns. */
const EXAMPLES = 6;

/**
 * Trains a model on a folder's images and writes it to the run folder. Where that holds a checkpoint of the same options,
 * the run goes on from there: on the CPU it ends with the same bits as a run that was never interrupted.
 * @throws TrainingError, ModelError, CannotTrainError in words for the user, also told as the event `failed`; the
 *   signal's reason where that ends it
 */
export async function runTraining(
  options: TrainingOptions,
  runFolder: string,
  { name, model, signal, onEvent, control = new TrainingControl() }: RunOptions,
): Promise<TrainingResult> {
  const started = performance.now();
  const folder = await RunFolder.take(runFolder);
  const emit: Emit = (event) => {
    folder.append(event);
    onEvent?.(event);
  };
  try {
    await folder.describe({ format: 1, options, name, started: new Date().toISOString() });
    await folder.follow(control);
    const modelFile = await startFile(options, await model(), runFolder);
    const embedder = await openEmbedder(modelFile, { device: options.device, cacheFolder: deviceFolder() });
    const { used, reason } = embedder.deviceReport;
    emit({ type: "device", work: "embedding", used, reason });
    try {
      const run = await prepare(options, runFolder, { name, modelFile, embedder, signal, control, emit });
      try {
        const trained = await MODES[options.mode](run);
        const result = await finish(run, trained, folder.file("model"), started);
        await fs.rm(folder.file("checkpoint"), { force: true });
        await removeCaches(runFolder);
        emit({ type: "done", result });
        return result;
      } finally {
        await run.search.release();
      }
    } finally {
      await embedder.release();
    }
  } catch (error) {
    if (!signal?.aborted) emit({ type: "failed", message: error instanceof Error ? error.message : String(error) });
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

/** The model to start from; in the run folder where it is another than the one that was given. */
async function startFile(options: TrainingOptions, given: string, runFolder: string): Promise<string> {
  const { manifest } = await readModelFile(given);
  const bytes = await fs.readFile(given);
  const start = startModel(options, bytes, manifest.name);
  if (start === bytes) return given;
  const file = join(runFolder, `start.onnx${CACHE_SUFFIX}`);
  await writeModelFile(file, start);
  return file;
}

interface Given extends Pick<RunContext, "name" | "embedder" | "signal" | "control" | "emit"> {
  readonly modelFile: string;
}

/** Reads the data, embeds the held-out images and scores the model as it is. */
async function prepare(options: TrainingOptions, runFolder: string, given: Given): Promise<RunContext> {
  const { embedder, emit, signal, control } = given;
  emit({ type: "progress", phase: "preparing", done: 0, total: 1, imagesPerSecond: 0, secondsLeft: null });
  const set = await readTrainingSet(options, signal);
  if (set.data.problem !== null) {
    emit({ type: "data", data: set.data });
    throw new TrainingError(set.data.problem);
  }
  emit({ type: "data", data: { ...set.data, seconds: await estimateSeconds(options, set, embedder) } });
  const bytes = await fs.readFile(given.modelFile);
  const names = embedder.manifest.descriptors.map((branch) => branch.name);
  const key = keyOf(options, set, embedder);
  const warn = (message: string) => emit({ type: "warning", message });
  const cached: RunContext["cached"] = (part, make) => cachedEmbeddings(runFolder, part, key, make, warn);
  const test = await cached("test", () => embedTest(options, set, embedder, given));
  const search = await NeighbourSearch.create(names.length);
  const baseline = await evaluateRows(search, names, test.rows, test.images, signal);
  emit({ type: "baseline", recalls: baseline.recalls });
  const examples = chooseExamples(baseline, test.images, EXAMPLES);
  return {
    ...{ options, runFolder, name: given.name, set, embedder, bytes, names, test, baseline, examples, search },
    ...{ control, signal, emit, cached },
  };
}

async function embedTest(options: TrainingOptions, set: TrainingSet, embedder: Embedder, given: Given) {
  const { emit } = given;
  const progress = new PhaseProgress(emit, "embedding", set.test.length);
  const skipped: string[] = [];
  const embedded = await embedImages(options.folder, set.test, embedder, {
    decode: async (file) => [(await decodeForModel(file, embedder.manifest.input)).pixels],
    each: 1,
    between: () => untilAllowed(given),
    onProgress: (done) => progress.note(done),
    onSkip: (path, reason) => skipped.push(`${path} (${reason})`),
  });
  if (skipped.length > 0) {
    emit({ type: "warning", message: `Test images that cannot be decoded, left out: ${listed(skipped)}.` });
  }
  return embedded;
}

/** Embeddings belong to a model, to the files and to how these are split. */
function keyOf(options: TrainingOptions, { train, test }: TrainingSet, embedder: Embedder): string {
  const files = [train, test].map((part) => part.map(({ path, size, label }) => [path, size, label]));
  const { resize, flip, seed, inputSize, lastDownsampling } = options;
  const all = JSON.stringify([
    embedder.summary.fingerprint,
    embedder.device,
    resize,
    flip,
    seed,
    inputSize,
    lastDownsampling,
    files,
  ]);
  return createHash("sha256").update(all).digest("hex");
}

async function finish(run: RunContext, trained: Trained, file: string, started: number): Promise<TrainingResult> {
  const { baseline, emit } = run;
  emit({ type: "progress", phase: "writing", done: 0, total: 1, imagesPerSecond: 0, secondsLeft: null });
  const { evaluation, adapted, epochs, stopped } = trained;
  const { recalls } = evaluation;
  await writeModelFile(file, compactModel(trained.toModel(provenanceOf(run, trained)), file));
  const of = (scores: typeof recalls) => scores[COMBINED]!["recall@1"];
  emit({ type: "progress", phase: "writing", done: 1, total: 1, imagesPerSecond: 0, secondsLeft: 0 });
  return {
    baseline: baseline.recalls,
    ...(adapted === undefined ? {} : { adapted }),
    trained: recalls,
    improved: of(recalls) > of(baseline.recalls),
    model: file,
    epochs,
    seconds: (performance.now() - started) / 1000,
    stopped,
  };
}

async function removeCaches(runFolder: string): Promise<void> {
  for (const name of await fs.readdir(runFolder)) {
    if (name.endsWith(CACHE_SUFFIX)) await fs.rm(join(runFolder, name), { force: true });
  }
}

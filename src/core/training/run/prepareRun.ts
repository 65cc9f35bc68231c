import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ModelInUse, TrainingOptions } from "../../../shared/index.ts";
import { readRegularFile } from "../../files/index.ts";
import { readModelFile, writeModelFile } from "../../model/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import { readTrainingSet, type TrainingSet } from "../data/trainingSet.ts";
import type { RunContext } from "./context.ts";
import { CACHE_SUFFIX, cachedEmbeddings } from "./embeddingCache.ts";
import type { EmbeddedImages } from "./embedImages.ts";
import { embedTest } from "./embedTest.ts";
import { estimateSeconds } from "./estimate.ts";
import { chooseExamples, evaluateRows } from "./evaluate.ts";
import { scoreInUse } from "./scoreInUse.ts";
import { tellSeenBefore } from "./seenBefore.ts";
import { startModel } from "./startModel.ts";
import { testCopies } from "./testCopies.ts";

/** Examples that are shown while a model learns. */
const EXAMPLES = 6;

/** The model to start from; in the run folder where it is another than the one that was given. */
export async function startFile(options: TrainingOptions, given: string, runFolder: string): Promise<string> {
  const { manifest } = await readModelFile(given);
  const bytes = await readRegularFile(given);
  const start = startModel(options, bytes, manifest.name);
  if (start === bytes) return given;
  const file = join(runFolder, `start.onnx${CACHE_SUFFIX}`);
  await writeModelFile(file, start);
  return file;
}

/**
 * Embeddings of the `test` and the `train` images that were made before, of the model to start from, in place of the run's own;
 * undefined for what has to be made.
 * @param names of the branches that the run has
 */
export type EmbeddingsMadeBefore = (part: string, names: readonly string[]) => EmbeddedImages | undefined;

interface GivenRun
  extends Pick<RunContext, "name" | "embedder" | "signal" | "control" | "emit" | "compare" | "onTest" | "torch"> {
  readonly embeddings: EmbeddingsMadeBefore | undefined;
  readonly modelFile: string;
  readonly inUse: ModelInUse | undefined;
}

/** Reads the data, embeds the held-out images and scores the model as it is. */
export async function prepareRun(options: TrainingOptions, runFolder: string, given: GivenRun): Promise<RunContext> {
  const { embedder, emit, signal, control } = given;
  emit({ type: "progress", phase: "preparing", done: 0, total: 1, imagesPerSecond: 0, secondsLeft: null });
  const set = await readTrainingSet(options, signal);
  if (set.data.problem !== null) {
    emit({ type: "data", data: set.data });
    throw new TrainingError(set.data.problem);
  }
  emit({ type: "data", data: { ...set.data, seconds: await estimateSeconds(options, set, embedder) } });
  await tellSeenBefore({ options, set, signal, emit }, embedder, "the model to start from");
  const bytes = await readRegularFile(given.modelFile);
  const names = embedder.manifest.descriptors.map((branch) => branch.name);
  const key = embeddingKey(options, set, embedder);
  const warn = (message: string) => emit({ type: "warning", message });
  const cached: RunContext["cached"] = async (part, make) =>
    given.embeddings?.(part, names) ?? cachedEmbeddings(runFolder, part, key, make, warn);
  const test = await cached("test", () => embedTest(options, set, embedder, given));
  const copies = await testCopies(options.folder, test, { emit, signal });
  const baseline = await evaluateRows(names, test.rows, { images: test.images, copies }, signal);
  if (baseline.note !== null) warn(`The test: ${baseline.note}.`);
  const compared = await scoreInUse(options, set, given, baseline.recalls, copies);
  emit({ type: "baseline", recalls: baseline.recalls, basis: baseline.basis, ...(compared && { inUse: compared }) });
  const inUse = compared !== undefined && "recalls" in compared ? compared.recalls : null;
  const examples = chooseExamples(baseline, test.images, EXAMPLES);
  return {
    ...{
      options,
      runFolder,
      name: given.name,
      set,
      embedder,
      bytes,
      names,
      test,
      copies,
      baseline,
      inUse,
      examples,
    },
    ...{ control, signal, emit, cached, compare: given.compare, onTest: given.onTest, torch: given.torch },
  };
}

/** Embeddings belong to a model, to the files and to how these are split. */
export function embeddingKey(options: TrainingOptions, { train, test }: TrainingSet, embedder: Embedder): string {
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

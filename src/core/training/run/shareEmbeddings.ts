import type { TrainingOptions } from "../../../shared/index.ts";
import { deviceFolder, openEmbedder } from "../../runtime/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import { readTrainingSet } from "../data/trainingSet.ts";
import { TrainingControl } from "./control.ts";
import { cachedEmbeddings } from "./embeddingCache.ts";
import type { EmbeddedImages } from "./embedImages.ts";
import { embedTest } from "./embedTest.ts";
import type { Emit } from "./events.ts";
import { embedTrain } from "./headData.ts";
import { type EmbeddingsMadeBefore, embeddingKey, startFile } from "./prepareRun.ts";

/**
 * Embeds the images of trainings that differ in their descriptors, losses and steps only, once for all of them (mode `head`).
 * @param options with every descriptor that one of them has
 * @param folder where the embeddings are kept, so that a later call finds them
 * @throws TrainingError where the data allow no training; the signal's reason
 */
export async function shareEmbeddings(
  options: TrainingOptions,
  folder: string,
  model: string,
  {
    signal,
    onEvent: emit = () => {},
  }: { readonly signal?: AbortSignal | undefined; readonly onEvent?: Emit | undefined } = {},
): Promise<EmbeddingsMadeBefore> {
  const embedder = await openEmbedder(await startFile(options, model, folder), {
    device: options.device,
    cacheFolder: deviceFolder(),
  });
  try {
    const set = await readTrainingSet(options, signal);
    if (set.data.problem !== null) throw new TrainingError(set.data.problem);
    const control = new TrainingControl();
    const key = embeddingKey(options, set, embedder);
    const warn = (message: string) => emit({ type: "warning", message });
    const given = { options, set, embedder, emit, control, signal };
    const test = await cachedEmbeddings(folder, "test", key, () => embedTest(options, set, embedder, given), warn);
    const train = await cachedEmbeddings(folder, "train", key, () => embedTrain(given), warn);
    const known = embedder.manifest.descriptors.map(({ name }) => name);
    return (part, names) => {
      const all = part === "test" ? test : part === "train" ? train : undefined;
      return all === undefined ? undefined : branchesOf(all, known, names);
    };
  } finally {
    await embedder.release();
  }
}

/** Some of the branches, in another order. */
function branchesOf(
  all: EmbeddedImages,
  known: readonly string[],
  names: readonly string[],
): EmbeddedImages | undefined {
  const positions = names.map((name) => known.indexOf(name));
  if (positions.includes(-1)) return undefined;
  const { count, dims, matrices } = all.rows;
  const rows = { count, dims: positions.map((b) => dims[b]!), matrices: positions.map((b) => matrices[b]!) };
  return { ...all, rows };
}

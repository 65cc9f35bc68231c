import type { TrainingData, TrainingOptions } from "../../../shared/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import { readTrainingSet } from "../data/trainingSet.ts";
import { checkStart } from "./checkStart.ts";
import { chosenFor } from "./chosen.ts";
import { estimateSeconds } from "./estimate.ts";

/**
 * What a folder offers to a training.
 * @param embedder the model to start from, loaded: a few images are run through it to estimate the time. Where absent no
 *   image is decoded, and there is no estimate
 * @throws TrainingError where the folder or the labels file cannot be read; the signal's reason where that aborts
 */
export async function readTrainingData(
  options: TrainingOptions,
  signal?: AbortSignal,
  embedder?: Embedder,
): Promise<TrainingData> {
  const set = await readTrainingSet(options, signal);
  if (embedder === undefined || set.data.problem !== null) return set.data;
  const impossible = await checkStart(options, embedder);
  if (impossible !== null) return { ...set.data, ...impossible };
  const chosen = options.mode === "whiten" ? {} : { chosen: chosenFor(options, set.train, embedder) };
  return { ...set.data, ...chosen, seconds: await estimateSeconds(options, set, embedder) };
}

import type { TrainingData, TrainingOptions } from "../../../shared/index.ts";
import { readRegularFile } from "../../files/index.ts";
import { ModelError } from "../../model/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import { CannotTrainError } from "../errors.ts";
import { prepareNetwork } from "../network/prepare.ts";
import { chooseTrainable } from "../network/trainable.ts";
import { startModel } from "./startModel.ts";

/** Why a training cannot start from a model as its options ask; null where it can. */
export async function checkStart(
  options: TrainingOptions,
  { file, manifest }: Embedder,
): Promise<Required<Pick<TrainingData, "problem" | "about">> | null> {
  let start: Uint8Array;
  try {
    start = startModel(options, await readRegularFile(file), manifest.name);
  } catch (error) {
    if (!(error instanceof ModelError || error instanceof TrainingError)) throw error;
    return { problem: error.message, about: options.descriptors === null ? "model" : "descriptors" };
  }
  if (options.mode !== "full") return null;
  try {
    const removeLastDownsampling = options.lastDownsampling === "removed";
    const form = { inputSize: options.inputSize ?? undefined, removeLastDownsampling };
    chooseTrainable(prepareNetwork({ bytes: start, file: manifest.name, ...form }), manifest.name, options);
    return null;
  } catch (error) {
    if (!(error instanceof CannotTrainError)) throw error;
    const about = options.loraRank !== null ? "loraRank" : options.trainFrom !== null ? "trainFrom" : "model";
    return { problem: error.message, about };
  }
}

import { promises as fs } from "node:fs";
import { join } from "node:path";
import type { TrainingOptions } from "../../../shared/index.ts";
import { decodeForModel, ImageError } from "../../images/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import type { TrainingSet } from "../data/trainingSet.ts";
import { CannotTrainError } from "../errors.ts";
import { prepareNetwork } from "../network/prepare.ts";
import { workOf } from "../network/work.ts";

/** Epochs of an end-to-end training where the options say nothing. */
export const FULL_EPOCHS = 12;

/** Images of the short run. */
const TRIED = 8;
/** Inputs per training image: itself, its crops, and the views of the adaptation that it is compared with. */
const INPUTS: Readonly<Record<TrainingOptions["mode"], number>> = { whiten: 3, head: 7, full: 3 };

/** A step on an image costs about so many times its embedding: forward, backward, and kernels without constant weights. */
const STEP_COST = 5;

/**
 * Seconds that a training will take on this device, from the speed of a short run; null where that finds no image, or
 * the model cannot be trained so. The steps of a head are not counted: they take seconds.
 */
export async function estimateSeconds(
  options: TrainingOptions,
  { train, test }: TrainingSet,
  embedder: Embedder,
): Promise<number | null> {
  const { folder, mode, epochs } = options;
  const work = mode === "full" ? await relativeWork(options, embedder) : 1;
  if (work === null) return null;
  const stride = Math.max(1, Math.floor(test.length / TRIED));
  const inputs: Uint8Array[] = [];
  const decoding = performance.now();
  for (let i = 0; i < test.length && inputs.length < TRIED; i += stride) {
    try {
      inputs.push((await decodeForModel(join(folder, test[i]!.path), embedder.manifest.input)).pixels);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
    }
  }
  if (inputs.length === 0) return null;
  const embedding = performance.now();
  await embedder.embed(Buffer.concat(inputs), inputs.length);
  const now = performance.now();
  // Decoding runs beside the embedding: the slower one sets the pace.
  const each = Math.max(now - embedding, embedding - decoding) / inputs.length / 1000;
  const embedded = test.length + INPUTS[mode] * train.length;
  if (mode !== "full") return each * embedded;
  const shown = (epochs ?? FULL_EPOCHS) * (STEP_COST * train.length + test.length);
  return each * (embedded + work * shown);
}

/**
 * How many times the work of the model as it is an image takes in training: less with a smaller input; without the last
 * downsampling more, since the maps behind it have four times the positions.
 * @returns null where the model cannot be brought into that form
 */
async function relativeWork(
  { inputSize, lastDownsampling }: TrainingOptions,
  { file, summary }: Embedder,
): Promise<number | null> {
  if (inputSize === null && lastDownsampling === null) return 1;
  const model = { bytes: await fs.readFile(file), file: summary.name };
  const form = { inputSize: inputSize ?? undefined, removeLastDownsampling: lastDownsampling === "removed" };
  try {
    return workOf(prepareNetwork({ ...model, ...form })) / workOf(prepareNetwork(model));
  } catch (error) {
    if (error instanceof CannotTrainError) return null;
    throw error;
  }
}

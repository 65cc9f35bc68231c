import { promises as fs } from "node:fs";
import { join } from "node:path";
import type { TrainingOptions } from "../../../shared/index.ts";
import { adaptationInputs } from "../../adaptation/index.ts";
import { decodeForModel, ImageError } from "../../images/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import type { TrainingSet } from "../data/trainingSet.ts";
import { CannotTrainError } from "../errors.ts";
import { prepareNetwork } from "../network/prepare.ts";
import { chooseTrainable } from "../network/trainable.ts";
import { workOf } from "../network/work.ts";
import { CROPS } from "./headData.ts";
import { EVALUATIONS } from "./trainLoop.ts";
import { validationPart } from "./validation.ts";

/** Epochs of an end-to-end training where the options say nothing. */
export const FULL_EPOCHS = 12;

/** Images of the short run. */
const TRIED = 8;

/**
 * What a step takes for as many multiplications as the embedding of an image: forward with kernels that have no constant
 * weights, and for the gradients, which read and write whole maps. docs/training.md has the ratios that these were fitted to.
 */
const STEP_COSTS = { forward: 1.4, backward: 4.2 } as const;

/**
 * Seconds that a training will take on this device, from the speed of a short run; null where that finds no image, or
 * the model cannot be trained so. The steps of a head are not counted: they take seconds.
 */
export async function estimateSeconds(
  options: TrainingOptions,
  { train, test }: TrainingSet,
  embedder: Embedder,
): Promise<number | null> {
  const { folder, mode, seed } = options;
  const costs = mode === "full" ? await fullCosts(options, embedder) : { pass: 1, step: 0 };
  if (costs === null) return null;
  const stride = Math.max(1, Math.floor(test.length / TRIED));
  const inputs: Uint8Array[] = [];
  const started = performance.now();
  for (let i = 0; i < test.length && inputs.length < TRIED; i += stride) {
    try {
      inputs.push((await decodeForModel(join(folder, test[i]!.path), embedder.manifest.input)).pixels);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
    }
  }
  if (inputs.length === 0) return null;
  const decoded = performance.now();
  await embedder.embed(Buffer.concat(inputs), inputs.length);
  const embedded = performance.now();
  const each = (milliseconds: number) => milliseconds / inputs.length / 1000;
  const [decoding, embedding] = [each(decoded - started), each(embedded - decoded)];
  // Decoding runs beside the work: the slower one sets the pace.
  const seconds = (images: number, work = 1) => images * Math.max(decoding, work * embedding);

  const adapting = seconds(adaptationInputs(train.length));
  const before = seconds(test.length) + adapting;
  if (mode === "whiten") return before;
  const start = before + seconds((1 + CROPS) * train.length, costs.pass);
  if (mode === "head") return start;
  const { steps, classesPerBatch, imagesPerClass } = options;
  const inSteps =
    steps === null ? null : Math.max(1, Math.round((steps * classesPerBatch * imagesPerClass) / train.length));
  const epochs = inSteps ?? options.epochs ?? FULL_EPOCHS;
  const part = validationPart(train, seed);
  const held = train.filter(({ label }) => part.has(label)).length;
  // Before the first step, after epochs, and of the best in the end, which chooses nothing more.
  const evaluated = (Math.min(epochs, EVALUATIONS) + 2) * (test.length + held);
  return start + seconds(epochs * (train.length - held), costs.step) + seconds(evaluated, costs.pass);
}

interface Costs {
  /** Of embedding an image with the network in training. */
  readonly pass: number;
  /** Of an image in a step. */
  readonly step: number;
}

/**
 * What an image costs in a full training, in parts of what the model as it is takes to embed one: less with a smaller
 * input; without the last downsampling more, since the maps behind it have four times the positions. The gradients end
 * at the first stage that is trained.
 * @returns null where the model cannot be brought into that form
 */
async function fullCosts(options: TrainingOptions, { file, summary }: Embedder): Promise<Costs | null> {
  const { inputSize, lastDownsampling } = options;
  const model = { bytes: await fs.readFile(file), file: summary.name };
  const form = { inputSize: inputSize ?? undefined, removeLastDownsampling: lastDownsampling === "removed" };
  try {
    const network = prepareNetwork({ ...model, ...form });
    const { constants, adapters } = chooseTrainable(network, summary.name, options);
    const learned = new Set([...constants.keys(), ...adapters.map(({ weights }) => weights)]);
    const { forward, backward } = workOf(network, learned);
    const { forward: whole } = workOf(prepareNetwork(model));
    return {
      pass: forward / whole,
      step: (STEP_COSTS.forward * forward + STEP_COSTS.backward * backward) / whole,
    };
  } catch (error) {
    if (error instanceof CannotTrainError) return null;
    throw error;
  }
}

import { join } from "node:path";
import type { TrainingOptions } from "../../../shared/index.ts";
import { adaptationInputs, fittingWork, VIEWS } from "../../adaptation/index.ts";
import { readRegularFile } from "../../files/index.ts";
import { decodeForModel, ImageError } from "../../images/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import type { TrainingSet } from "../data/trainingSet.ts";
import { CannotTrainError } from "../errors.ts";
import { prepareNetwork } from "../network/prepare.ts";
import { chooseTrainable } from "../network/trainable.ts";
import { workOf } from "../network/work.ts";
import { cropsFor } from "./headData.ts";
import { MAX_PICTURES } from "./headStart.ts";
import { secondsOfFitting, secondsOfHead } from "./headTimes.ts";
import { evaluationsOf } from "./trainLoop.ts";
import { validationPart } from "./validation.ts";

/** Of an end-to-end training where the options say nothing. docs/training.md has what was tried. */
export const FULL_DEFAULTS = { epochs: 12, learningRate: 1e-4 } as const;

/** Images of the short run. */
const TRIED = 8;

/**
 * What a step takes for as many multiplications as the embedding of an image: forward with kernels that have no constant
 * weights, and for the gradients, which read and write whole maps. docs/training.md has the ratios that these were fitted to.
 */
const STEP_COSTS = { forward: 1.4, backward: 4.2 } as const;

/**
 * Seconds that a training will take on this device, from the speed of a short run: of the model on a few images, of fitting heads,
 * of the steps of a head. null where that finds no image, where the model cannot be trained so, and where torch takes the steps: it
 * may do so on another machine.
 */
export async function estimateSeconds(
  options: TrainingOptions,
  { train, test }: TrainingSet,
  embedder: Embedder,
): Promise<number | null> {
  const { mode, seed } = options;
  if (options.engine === "torch") return null;
  const bytes = await readRegularFile(embedder.file);
  const costs = mode === "full" ? await orNull(() => fullCosts(options, embedder, bytes)) : { pass: 1, step: 0 };
  const seconds = await secondsOfImages(options.folder, test, embedder);
  if (costs === null || seconds === null) return null;
  const perProduct = await secondsOfFitting();
  const fitting = (pictures: number, differences: number) =>
    embedder.manifest.descriptors.reduce((sum, { dim }) => sum + fittingWork({ pictures, differences, dim }), 0) *
    perProduct;

  const sampled = adaptationInputs(train.length) / (1 + VIEWS);
  const adapting = sampled === 0 ? 0 : seconds(adaptationInputs(train.length)) + fitting(sampled, sampled * VIEWS);
  const before = seconds(test.length) + adapting;
  if (mode === "whiten") return before;
  const part = validationPart(train, seed);
  const fitted = train.filter(({ label }) => !part.has(label));
  const held = train.filter(({ label }) => part.has(label));
  const views = 1 + cropsFor(train.length, embedder.dim);
  const heads = fitting(Math.min(fitted.length, MAX_PICTURES), fitted.length * views);
  const start = before + seconds(views * train.length, costs.pass) + heads;
  if (mode === "head") {
    const steps = await orNull(() => secondsOfHead(options, embedder, bytes, { fitted, held, test }));
    return steps === null ? null : start + steps;
  }
  const { steps, classesPerBatch, imagesPerClass } = options;
  const inSteps =
    steps === null ? null : Math.max(1, Math.round((steps * classesPerBatch * imagesPerClass) / train.length));
  const epochs = inSteps ?? options.epochs ?? FULL_DEFAULTS.epochs;
  const evaluated = evaluationsOf(epochs) * (test.length + held.length);
  return start + seconds(epochs * fitted.length, costs.step) + seconds(evaluated, costs.pass);
}

/** Times the model on some images: seconds of so many images, and of work that is some times that of embedding one. */
async function secondsOfImages(
  folder: string,
  images: TrainingSet["test"],
  embedder: Embedder,
): Promise<((images: number, work?: number) => number) | null> {
  const stride = Math.max(1, Math.floor(images.length / TRIED));
  const inputs: Uint8Array[] = [];
  const started = performance.now();
  for (let i = 0; i < images.length && inputs.length < TRIED; i += stride) {
    try {
      inputs.push((await decodeForModel(join(folder, images[i]!.path), embedder.manifest.input)).pixels);
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
  return (count, work = 1) => count * Math.max(decoding, work * embedding);
}

/** @returns null where it cannot be trained so */
async function orNull<T>(make: () => T | Promise<T>): Promise<T | null> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof CannotTrainError) return null;
    throw error;
  }
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
 * @throws CannotTrainError where the model cannot be brought into that form
 */
function fullCosts(options: TrainingOptions, { summary }: Embedder, bytes: Uint8Array): Costs {
  const { inputSize, lastDownsampling } = options;
  const model = { bytes, file: summary.name };
  const form = { inputSize: inputSize ?? undefined, removeLastDownsampling: lastDownsampling === "removed" };
  const network = prepareNetwork({ ...model, ...form });
  const { constants, adapters } = chooseTrainable(network, summary.name, options);
  const learned = new Set([...constants.keys(), ...adapters.map(({ weights }) => weights)]);
  const { forward, backward } = workOf(network, learned);
  const { forward: whole } = workOf(prepareNetwork(model));
  return {
    pass: forward / whole,
    step: (STEP_COSTS.forward * forward + STEP_COSTS.backward * backward) / whole,
  };
}

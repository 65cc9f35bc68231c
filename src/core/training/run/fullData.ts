import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { pMapIterable } from "p-map";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { InputSpec } from "../../../shared/index.ts";
import { decodeCrops, decodeForModel, ImageError } from "../../images/index.ts";
import type { Rows } from "../../neighbours/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import { TrainingError } from "../data/trainingError.ts";
import type { PixelInput, TrainingStep } from "../trainingStep.ts";
import type { RunContext } from "./context.ts";
import { resizeFor } from "./headData.ts";

/** Images per run when embedding. */
const EMBED_BATCH = 8;

/**
 * The input of a step: a random crop of each image.
 * @param draws a number per image that its crop is made from
 */
export async function cropsOf(
  { options }: RunContext,
  all: readonly LabelledImage[],
  images: Int32Array,
  draws: Int32Array,
  input: InputSpec,
): Promise<PixelInput> {
  const how = { resize: resizeFor(options, Math.max(input.width, input.height)), flip: options.flip };
  const size = input.width * input.height * 3;
  const pixels = new Uint8Array(images.length * size);
  // sharp has threads of its own, and decodes these side by side.
  await Promise.all(
    Array.from(images, async (image, k) => {
      const { path } = all[image]!;
      const [crop] = await decoded(path, () =>
        decodeCrops(join(options.folder, path), input, 1, how, xoroshiro128plus(draws[k]!)),
      );
      pixels.set(crop!, k * size);
    }),
  );
  return pixels;
}

/** Embeds image files with the network as it is now. @returns a row per image */
export async function embedFiles(
  { options, signal }: RunContext,
  step: Pick<TrainingStep<PixelInput>, "embed">,
  images: readonly LabelledImage[],
  input: InputSpec,
): Promise<Rows> {
  const size = input.width * input.height * 3;
  let matrices: Float32Array[] = [];
  let done = 0;
  const batch = new Uint8Array(EMBED_BATCH * size);
  let waiting = 0;
  const flush = async () => {
    if (waiting === 0) return;
    const rows = await step.embed(batch.subarray(0, waiting * size), waiting);
    if (done === 0) matrices = rows.map((row) => new Float32Array((row.length / waiting) * images.length));
    for (const [b, row] of rows.entries()) matrices[b]!.set(row, (done * row.length) / waiting);
    done += waiting;
    waiting = 0;
    // The run held the event loop; whoever waits goes first.
    await setImmediate();
  };
  const load = ({ path }: LabelledImage) => decoded(path, () => decodeForModel(join(options.folder, path), input));
  for await (const { pixels } of pMapIterable(images, load, { concurrency: 4, backpressure: 8 })) {
    signal?.throwIfAborted();
    batch.set(pixels, waiting++ * size);
    if (waiting === EMBED_BATCH) await flush();
  }
  await flush();
  return { count: images.length, dims: matrices.map((matrix) => matrix.length / images.length), matrices };
}

/** Only images that were decoded once get here: one that cannot be any more was changed. */
export async function decoded<T>(path: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause;
    const next = "Put it back and resume, or start the training anew.";
    throw new TrainingError(`${path} could be read before the training, and cannot be now: ${cause.message}. ${next}`, {
      cause,
    });
  }
}

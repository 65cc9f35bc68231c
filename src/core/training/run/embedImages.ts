import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { pMapIterable } from "p-map";
import { Looks } from "../../curation/index.ts";
import { appearanceOfPixels, ImageError } from "../../images/index.ts";
import type { Rows } from "../../neighbours/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";

/** Images with the embeddings of a frozen model. */
export interface EmbeddedImages {
  readonly images: readonly LabelledImage[];
  /** Embeddings per image: the picture itself and its views, one after another. */
  readonly each: number;
  /** Per branch float32 `[images * each, dim]`, rows of norm 1. */
  readonly rows: Rows;
  /** How each image looks; absent where nobody has seen it. */
  readonly looks?: Looks;
}

export interface EmbedOptions {
  /** Model inputs that are made of an image file, the picture itself first: uint8 RGB, always `each` of them. @throws ImageError */
  readonly decode: (file: string, path: string) => Promise<readonly Uint8Array[]>;
  readonly each: number;
  /** Awaited between two batches: may wait, or throw to end the work. */
  readonly between: () => Promise<void>;
  readonly onProgress: (images: number) => void;
  readonly onSkip: (path: string, reason: string) => void;
}

/** Inputs that are handed to the device at a time: the device splits them as it likes, and a stop waits for them. */
const INPUTS = 32;

/** Embeds images with a frozen model. Files that cannot be decoded are told to `onSkip` and left out. */
export async function embedImages(
  folder: string,
  images: readonly LabelledImage[],
  embedder: Embedder,
  { decode, each, between, onProgress, onSkip }: EmbedOptions,
): Promise<EmbeddedImages> {
  const dims = embedder.manifest.descriptors.map((branch) => branch.dim);
  const matrices = dims.map((dim) => new Float32Array(images.length * each * dim));
  const used: LabelledImage[] = [];
  const looks = new Looks(images.length);
  let waiting: { image: LabelledImage; inputs: readonly Uint8Array[] }[] = [];

  const flush = async () => {
    const inputs = waiting.flatMap((one) => one.inputs);
    if (inputs.length === 0) return;
    const embedded = await embedder.embed(Buffer.concat(inputs), inputs.length);
    const first = used.length * each;
    for (let i = 0; i < inputs.length; i++) {
      let offset = i * embedder.dim;
      for (const [b, dim] of dims.entries()) {
        matrices[b]!.set(embedded.subarray(offset, offset + dim), (first + i) * dim);
        offset += dim;
      }
    }
    const { width, height } = embedder.manifest.input;
    for (const [i, one] of waiting.entries()) {
      looks.set(used.length + i, appearanceOfPixels(one.inputs[0]!, width, height));
    }
    used.push(...waiting.map((one) => one.image));
    waiting = [];
    // The model's run held the event loop; whoever waits goes first.
    await setImmediate();
  };

  const load = async (image: LabelledImage) => {
    try {
      return { image, inputs: await decode(join(folder, image.path), image.path) };
    } catch (error) {
      if (error instanceof ImageError) return { image, reason: error.message };
      throw error;
    }
  };
  let done = 0;
  for await (const loaded of pMapIterable(images, load, { concurrency: 4, backpressure: 8 })) {
    await between();
    if ("reason" in loaded) onSkip(loaded.image.path, loaded.reason);
    else waiting.push(loaded);
    if (waiting.length * each >= INPUTS) await flush();
    onProgress(++done);
  }
  await flush();
  const count = used.length * each;
  return {
    images: used,
    each,
    rows: { count, dims, matrices: matrices.map((matrix, b) => matrix.subarray(0, count * dims[b]!)) },
    looks: looks.first(used.length),
  };
}

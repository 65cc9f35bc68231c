import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { listed } from "../../../shared/index.ts";
import { seedOf } from "../../adaptation/index.ts";
import { decodeCrops, decodeForModel } from "../../images/index.ts";
import type { Rows } from "../../neighbours/index.ts";
import type { HeadInput } from "../trainingStep.ts";
import { type RunContext, untilAllowed } from "./context.ts";
import { type EmbeddedImages, embedImages } from "./embedImages.ts";
import { PhaseProgress } from "./events.ts";

/** Random crops of each training image, beside the image itself, that are embedded once. */
const CROPS = 3;
/** Embeddings of the training images may take so many bytes; beyond, there are fewer crops. */
const MAX_BYTES = 2 ** 30;
/** Rows at a time: a run cannot be stopped. */
const CHUNK = 1024;

/** Side in pixels to which training images are resized before they are cropped: 252 for an input of 224. */
export function resizeFor({ resize }: { readonly resize: number | null }, side: number): number {
  return resize ?? Math.round((side * 252) / 224);
}

/** Crops of each of so many images. @param dim values of an embedding, all branches */
export function cropsFor(images: number, dim: number): number {
  return Math.max(0, Math.min(CROPS, Math.floor(MAX_BYTES / (4 * dim * images)) - 1));
}

/** Embeds every training image, and crops of it. Files that cannot be decoded are told and left out. */
export async function embedTrain(
  run: Pick<RunContext, "options" | "set" | "embedder" | "emit" | "control" | "signal">,
): Promise<EmbeddedImages> {
  const { options, set, embedder, emit } = run;
  const { input } = embedder.manifest;
  const crops = cropsFor(set.train.length, embedder.dim);
  const how = { resize: resizeFor(options, Math.max(input.width, input.height)), flip: options.flip };
  const progress = new PhaseProgress(emit, "embedding", set.train.length);
  const skipped: string[] = [];
  const embedded = await embedImages(options.folder, set.train, embedder, {
    async decode(file, path) {
      const { pixels } = await decodeForModel(file, input);
      const random = xoroshiro128plus(seedOf(`${options.seed}/${path}`));
      return [pixels, ...(await decodeCrops(file, input, crops, how, random))];
    },
    each: 1 + crops,
    between: () => untilAllowed(run),
    onProgress: (done) => progress.note(done),
    onSkip: (path, reason) => skipped.push(`${path} (${reason})`),
  });
  if (skipped.length > 0) {
    emit({ type: "warning", message: `Training images that cannot be decoded, left out: ${listed(skipped)}.` });
  }
  return embedded;
}

/** The images of some labels, with all their views. */
export function select({ images, each, rows }: EmbeddedImages, wanted: (label: string) => boolean): EmbeddedImages {
  const positions = [...images.keys()].filter((i) => wanted(images[i]!.label));
  const matrices = rows.dims.map((d, b) => {
    const matrix = new Float32Array(positions.length * each * d);
    for (const [k, i] of positions.entries()) {
      matrix.set(rows.matrices[b]!.subarray(i * each * d, (i + 1) * each * d), k * each * d);
    }
    return matrix;
  });
  return {
    images: positions.map((i) => images[i]!),
    each,
    rows: { count: positions.length * each, dims: rows.dims, matrices },
  };
}

/** The images themselves, without their views. */
export function pictures({ images, each, rows }: EmbeddedImages): Rows {
  const matrices = rows.dims.map((d, b) => {
    const matrix = new Float32Array(images.length * d);
    for (let i = 0; i < images.length; i++)
      matrix.set(rows.matrices[b]!.subarray(i * each * d, (i * each + 1) * d), i * d);
    return matrix;
  });
  return { count: images.length, dims: rows.dims, matrices };
}

/** Mean over pictures and views of the first branch, float32 `[classes, dim]`. @param labels of the images */
export function classMeans({ each, rows }: EmbeddedImages, labels: Int32Array, classes: number): Float32Array {
  const [d, matrix] = [rows.dims[0]!, rows.matrices[0]!];
  const means = new Float32Array(classes * d);
  const members = new Int32Array(classes);
  for (const label of labels) members[label]!++;
  for (let row = 0; row < rows.count; row++) {
    const label = labels[Math.floor(row / each)]!;
    for (let j = 0; j < d; j++) means[label * d + j]! += matrix[row * d + j]! / (members[label]! * each);
  }
  return means;
}

/** The input of a step: of each image one of its embeddings, which the draws choose. */
export function gather({ each, rows }: EmbeddedImages, images: Int32Array, draws: Int32Array): HeadInput {
  return rows.dims.map((d, b) => {
    const matrix = new Float32Array(images.length * d);
    for (let k = 0; k < images.length; k++) {
      const row = images[k]! * each + ((draws[k]! >>> 0) % each);
      matrix.set(rows.matrices[b]!.subarray(row * d, (row + 1) * d), k * d);
    }
    return matrix;
  });
}

/** Classes by number, in the order of the images. */
export function classesOf(images: readonly { readonly label: string }[]): { labels: Int32Array; classes: number } {
  const numbers = new Map<string, number>();
  for (const { label } of images) if (!numbers.has(label)) numbers.set(label, numbers.size);
  return { labels: Int32Array.from(images, ({ label }) => numbers.get(label)!), classes: numbers.size };
}

/** Embeddings of any number of rows, in parts. */
export async function embedRows(
  embed: (input: HeadInput, n: number) => Promise<Float32Array[]>,
  rows: Rows,
): Promise<Rows> {
  const parts: Float32Array[][] = [];
  for (let start = 0; start < rows.count; start += CHUNK) {
    const n = Math.min(CHUNK, rows.count - start);
    parts.push(
      await embed(
        rows.dims.map((d, b) => rows.matrices[b]!.subarray(start * d, (start + n) * d)),
        n,
      ),
    );
  }
  const matrices = rows.dims.map((_, b) => {
    const matrix = new Float32Array(parts.reduce((sum, part) => sum + part[b]!.length, 0));
    let at = 0;
    for (const part of parts) {
      matrix.set(part[b]!, at);
      at += part[b]!.length;
    }
    return matrix;
  });
  return { count: rows.count, dims: matrices.map((matrix) => matrix.length / rows.count), matrices };
}

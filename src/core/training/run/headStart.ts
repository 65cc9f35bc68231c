import { setImmediate } from "node:timers/promises";
import { FIT_DEFAULTS, fitDiscriminant } from "../../adaptation/index.ts";
import type { Head } from "../../model/index.ts";
import type { Rows } from "../../neighbours/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import { byLabel } from "../data/split.ts";
import { TrainingError } from "../data/trainingError.ts";
import type { EmbeddedImages } from "./embedImages.ts";

/** Pictures that the kept directions come from, at most: the work grows with the third power. */
export const MAX_PICTURES = 800;
/** Of the within-class covariance, as a multiple of its mean variance. docs/training.md has what was tried. */
const RIDGE = 0.1;
/** Values per branch where the options say nothing: so many at most, and such a share of the number of images. */
const MAX_DIM = 128;
const DIM_SHARE = 0.75;
/** How much a difference between two views of a picture counts beside one between two pictures of a class. */
const VIEW_WEIGHT = 0.3;

/**
 * The heads that a training starts from: per branch Fisher's linear discriminant (1936) over the training classes. What
 * differs within a class, and between views of a picture, is whitened; of what remains, the directions in which
 * pictures differ most are kept, as in the adaptation without labels.
 * @param train pictures, each with its views
 * @param dim values per branch; null: as many as the number of images bears
 * @returns null where the pictures are too much alike
 */
async function startHeads(train: EmbeddedImages, dim: number | null, signal?: AbortSignal): Promise<Head[] | null> {
  const { images, each, rows } = train;
  const wanted = dimOfHead(dim, images.length);
  const chosen = spread(images, MAX_PICTURES);
  const heads: Head[] = [];
  for (const [b, d] of rows.dims.entries()) {
    signal?.throwIfAborted();
    const picture = (i: number) => rows.matrices[b]!.subarray(i * each * d, (i * each + 1) * d);
    const pictures = new Float32Array(chosen.length * d);
    for (const [k, i] of chosen.entries()) pictures.set(picture(i), k * d);
    const options = { ...FIT_DEFAULTS, ridge: RIDGE, dim: Math.min(wanted, d) };
    const head = await fitDiscriminant(pictures, differences(images, each, rows, b), d, options);
    if (head === null) return null;
    heads.push(await atUnitScale(head, { count: chosen.length, dims: [d], matrices: [pictures] }));
  }
  return heads;
}

/** Values per branch. @param dim that is wanted; null: as many as so many images bear */
export function dimOfHead(dim: number | null, images: number): number {
  return dim ?? Math.max(2, Math.min(MAX_DIM, Math.floor(images * DIM_SHARE)));
}

/**
 * The same head, whose outputs before the L2 have a mean norm of 1: the L2 takes any scale away, but a step of the
 * optimiser is small or large beside it.
 */
async function atUnitScale({ weights, bias, dim }: Head, { count, dims, matrices }: Rows): Promise<Head> {
  const [d, x] = [dims[0]!, matrices[0]!];
  let mean = 0;
  for (let i = 0; i < count; i++) {
    const y = Float64Array.from(bias);
    for (let j = 0; j < d; j++) {
      const value = x[i * d + j]!;
      if (value !== 0) for (let k = 0; k < dim; k++) y[k]! += value * weights[j * dim + k]!;
    }
    mean += Math.sqrt(y.reduce((sum, v) => sum + v * v, 0)) / count;
    if (i % 64 === 0) await setImmediate();
  }
  const scale = mean > 0 ? 1 / mean : 1;
  return { weights: weights.map((w) => w * scale), bias: bias.map((b) => b * scale), dim };
}

/** The same. @throws TrainingError where the pictures are too much alike */
export async function startHeadsOrFail(
  train: EmbeddedImages,
  dim: number | null,
  signal?: AbortSignal,
): Promise<Head[]> {
  const heads = await startHeads(train, dim, signal);
  if (heads !== null) return heads;
  throw new TrainingError("The training images are too much alike to learn what tells them apart. Add other images.");
}

/** Within classes and between views, as rows whose mean outer product is the covariance of such a difference. */
function differences(images: readonly LabelledImage[], each: number, rows: Rows, b: number): Float64Array {
  const d = rows.dims[b]!;
  const matrix = rows.matrices[b]!;
  const at = (i: number, view: number, j: number) => matrix[(i * each + view) * d + j]!;
  const positions = byLabel(images.map(({ label }, i) => ({ label, i })));
  const classes = [...positions.values()].filter((members) => members.length > 1);
  const inClasses = classes.reduce((sum, members) => sum + members.length, 0);
  const all = new Float64Array((inClasses + images.length * (each - 1)) * d);
  let row = 0;
  for (const members of classes) {
    // Two pictures differ by twice the variance within the class.
    const scale = Math.sqrt((2 * members.length) / (members.length - 1));
    const mean = new Float64Array(d);
    for (const { i } of members) for (let j = 0; j < d; j++) mean[j]! += at(i, 0, j) / members.length;
    for (const { i } of members) {
      for (let j = 0; j < d; j++) all[row * d + j] = scale * (at(i, 0, j) - mean[j]!);
      row++;
    }
  }
  for (let i = 0; i < images.length; i++) {
    for (let view = 1; view < each; view++) {
      for (let j = 0; j < d; j++) all[row * d + j] = Math.sqrt(VIEW_WEIGHT) * (at(i, view, j) - at(i, 0, j));
      row++;
    }
  }
  return all;
}

/** Positions of at most so many images, as many of every class as possible. */
function spread(images: readonly LabelledImage[], most: number): number[] {
  if (images.length <= most) return [...images.keys()];
  const classes = [...byLabel(images.map(({ label }, i) => ({ label, i }))).values()];
  const chosen: number[] = [];
  for (let round = 0; chosen.length < most; round++) {
    for (const members of classes) {
      const member = members[round];
      if (member !== undefined && chosen.length < most) chosen.push(member.i);
    }
  }
  return chosen.sort((a, b) => a - b);
}

import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { Head } from "../model/index.ts";
import { cholesky, gram, secondMoment, solveLower, solveUpper } from "./linearAlgebra.ts";
import { Products } from "./products.ts";

export interface FitOptions {
  /** At most so many values per embedding. */
  readonly dim: number;
  /** Added to the within-view covariance, as a multiple of its mean variance. */
  readonly ridge: number;
  /** Each direction is scaled by (its variance among images)^-exponent. */
  readonly exponent: number;
}

/** Chosen on held-out classes of drawings and photographs; docs/models.md has what was tried. */
export const FIT_DEFAULTS = { dim: 128, ridge: 0.3, exponent: 0.2 } as const satisfies FitOptions;

/** Directions whose variance is this small a share of the largest, or of that within views, are noise of the arithmetic. */
const NEGLIGIBLE = 1e-7;

/**
 * Fits the head of one branch without labels. Views of one picture (crops, flips, changed colours) say what does not
 * matter: their covariance is whitened, so that directions in which views differ count less. Of what remains, the
 * directions in which the pictures differ most are kept. This is linear discriminant analysis (Fisher, 1936) in which
 * each picture is a class and its views are the members; discriminant directions learned from matching pairs are known
 * in retrieval as learned whitening (Mikolajczyk and Matas, "Improving descriptors for fast tree matching by optimal
 * linear projection", 2007; Radenovic et al., "Fine-tuning CNN image retrieval with no human annotation", 2018, sec. 3.3).
 * @param pictures float32 `[n, d]`, the branch's embeddings of the pictures, rows of norm 1
 * @param views float32 `[n * v, d]`, the same of their views, in the order of the pictures
 * @returns null where the pictures are too much alike to tell anything from them
 */
export async function fitHead(
  pictures: Float32Array,
  views: Float32Array,
  d: number,
  options: FitOptions = FIT_DEFAULTS,
): Promise<Head | null> {
  const viewsEach = views.length / pictures.length;
  const differences = Float64Array.from(views, (x, i) => x - pictures[Math.floor(i / (d * viewsEach)) * d + (i % d)]!);
  return fitDiscriminant(pictures, differences, d, options);
}

/**
 * The same from differences that do not matter, wherever they come from: between views of a picture, or between
 * pictures of one class.
 * @param pictures float32 `[n, d]`; the work grows with the third power of the smaller of the two
 * @param differences float64 `[m, d]`
 * @returns null where the pictures are too much alike to tell anything from them
 */
export async function fitDiscriminant(
  pictures: Float32Array,
  differences: Float64Array,
  d: number,
  options: FitOptions,
): Promise<Head | null> {
  const products = await Products.open();
  try {
    return await fitWith(products, pictures, differences, d, options);
  } finally {
    await products.release();
  }
}

async function fitWith(
  products: Products,
  pictures: Float32Array,
  differences: Float64Array,
  d: number,
  { dim, ridge, exponent }: FitOptions,
): Promise<Head | null> {
  const n = pictures.length / d;
  const within = await secondMoment(products, differences, d);
  let trace = 0;
  for (let i = 0; i < d; i++) trace += within[i * d + i]!;
  if (!(trace > 0)) return null;
  for (let i = 0; i < d; i++) within[i * d + i]! += (ridge * trace) / d;
  await cholesky(products, within, d);

  const mean = new Float64Array(d);
  for (let i = 0; i < pictures.length; i++) mean[i % d]! += pictures[i]! / n;
  const centred = Float64Array.from(pictures, (x, i) => x - mean[i % d]!);
  await solveLower(products, within, centred, d);

  const { values, directions } = await topDirections(products, centred, d, Math.min(dim, n - 1));
  const kept = values.length;
  if (kept === 0) return null;
  for (const [k, value] of values.entries()) {
    const scale = (value / n) ** -exponent;
    for (let j = 0; j < d; j++) directions[k * d + j]! *= scale;
  }
  await solveUpper(products, within, directions, d);
  return headOf(directions, mean, kept, d);
}

/** Multiplications of `fitDiscriminant`, about: `pictures` and `differences` are numbers of rows of `dim` values. */
export function fittingWork({ pictures: n, differences: m, dim: d }: FittingSize): number {
  const triangle = d ** 2 / 2;
  const kept = Math.min(FIT_DEFAULTS.dim, n);
  // Second moment, Cholesky, whitening, products of pairs, their eigenvectors, directions.
  return (
    m * triangle + d ** 3 / 6 + n * triangle + (n ** 2 * d) / 2 + 3 * Math.min(n, d) ** 3 + kept * (n * d + triangle)
  );
}

export interface FittingSize {
  readonly pictures: number;
  readonly differences: number;
  readonly dim: number;
}

/**
 * The directions in which rows differ most: unit eigenvectors of Y^T Y, with its eigenvalues, from the largest down. It has those of
 * Y Y^T, so the smaller of the two is taken apart: that work grows with the third power of its side.
 * @param rows Y, `[n, d]`, centred
 * @returns directions `[values.length, d]`
 */
async function topDirections(
  products: Products,
  rows: Float64Array,
  d: number,
  count: number,
): Promise<{ values: number[]; directions: Float64Array }> {
  const n = rows.length / d;
  const matrix = { values: rows, rows: n, columns: d };
  if (n > d) {
    const { values, vectors } = topEigenvectors(await products.of(matrix, matrix, "first"), d, Math.min(count, d), n);
    const kept = values.length;
    return {
      values,
      directions: Float64Array.from(vectors, (_, at) => vectors[(at % d) * kept + Math.floor(at / d)]!),
    };
  }
  const { values, vectors } = topEigenvectors(await gram(products, rows, d), n, count, n);
  const kept = values.length;
  if (kept === 0) return { values, directions: new Float64Array(0) };
  // An eigenvector u of Y Y^T gives the unit direction Y^T u / sqrt(value).
  for (let at = 0; at < vectors.length; at++) vectors[at]! /= Math.sqrt(values[at % kept]!);
  return { values, directions: await products.of({ values: vectors, rows: n, columns: kept }, matrix, "first") };
}

/**
 * The largest eigenvalues of a symmetric matrix, from the largest down.
 * @param size of the matrix
 * @param pictures that its sums are of
 * @returns vectors `[size, count]`, by column
 */
function topEigenvectors(
  symmetric: Float64Array,
  size: number,
  count: number,
  pictures: number,
): { values: number[]; vectors: Float64Array } {
  // It only reads by index, though its types ask for an array.
  const matrix = Matrix.from1DArray(size, size, symmetric as unknown as number[]);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  // After whitening, the variance within views is about 1 in every direction: as many as there are pictures in these sums.
  const largest = Math.max(realEigenvalues[size - 1] ?? 0, pictures);
  const values: number[] = [];
  for (let i = size - 1; i >= size - count && realEigenvalues[i]! > NEGLIGIBLE * largest; i--)
    values.push(realEigenvalues[i]!);
  const vectors = new Float64Array(size * values.length);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < values.length; k++) vectors[i * values.length + k] = eigenvectorMatrix.get(i, size - 1 - k);
  }
  return { values, vectors };
}

/** y = (x - mean) W as weights `[d, dim]` and bias, at a scale that float16 holds; the L2 behind it takes scale away. */
function headOf(directions: Float64Array, mean: Float64Array, dim: number, d: number): Head {
  const largest = directions.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  const weights = new Float32Array(d * dim);
  const bias = new Float32Array(dim);
  for (let k = 0; k < dim; k++) {
    let shift = 0;
    for (let j = 0; j < d; j++) {
      const w = directions[k * d + j]! / largest;
      weights[j * dim + k] = w;
      shift += mean[j]! * w;
    }
    bias[k] = -shift;
  }
  return { weights, bias, dim };
}

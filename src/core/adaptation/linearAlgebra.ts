import type { Products } from "./products.ts";

/**
 * The dense linear algebra of fitting a head, in float64. Matrices are row-major. Work goes through blocks of columns: what is
 * inside a block is done by loops here, all else by products of whole matrices.
 */

/** Columns of a block. */
const BLOCK = 64;

/** Second moment `rows^T rows / n`. @param rows `[n, d]` @returns `[d, d]`, symmetric */
export async function secondMoment(products: Products, rows: Float64Array, d: number): Promise<Float64Array> {
  const n = rows.length / d;
  const matrix = { values: rows, rows: n, columns: d };
  const moment = await products.of(matrix, matrix, "first");
  for (let i = 0; i < moment.length; i++) moment[i]! /= n;
  return moment;
}

/** Products of all pairs of rows, `rows rows^T`. @param rows `[n, d]` @returns `[n, n]`, symmetric */
export async function gram(products: Products, rows: Float64Array, d: number): Promise<Float64Array> {
  const matrix = { values: rows, rows: rows.length / d, columns: d };
  return products.of(matrix, matrix, "second");
}

/** Rows from `start` to `end` of a matrix `[*, d]`, in columns `from` to `to` alone; zeros elsewhere. */
function part(matrix: Float64Array, d: number, [start, end]: [number, number], [from, to]: [number, number]) {
  const values = new Float64Array((end - start) * d);
  for (let i = start; i < end; i++) values.set(matrix.subarray(i * d + from, i * d + to), (i - start) * d + from);
  return { values, rows: end - start, columns: d };
}

/** Takes a product `[count, width]` away from the columns from `from` on of the rows from `start` on of a matrix `[*, d]`. */
function subtract(matrix: Float64Array, d: number, start: number, from: number, product: Float64Array, width: number) {
  for (let at = 0; at < product.length; at++) {
    matrix[(start + Math.floor(at / width)) * d + from + (at % width)]! -= product[at]!;
  }
}

/** Solves y L^T = x in place within the columns of one block. @param start row of `rows` to begin with */
function solveBlock(
  factor: Float64Array,
  rows: Float64Array,
  d: number,
  [from, to]: [number, number],
  start = 0,
): void {
  for (let offset = start * d; offset < rows.length; offset += d) {
    for (let i = from; i < to; i++) {
      let sum = rows[offset + i]!;
      for (let k = from; k < i; k++) sum -= factor[i * d + k]! * rows[offset + k]!;
      rows[offset + i] = sum / factor[i * d + i]!;
    }
  }
}

/**
 * Cholesky factor L of a symmetric positive definite matrix, A = L L^T, in its place: the lower triangle is L, what is
 * above it means nothing.
 * @throws RangeError where the matrix is not positive definite
 */
export async function cholesky(products: Products, matrix: Float64Array, d: number): Promise<void> {
  for (let from = 0; from < d; from += BLOCK) {
    const to = Math.min(d, from + BLOCK);
    if (from > 0) {
      const below = { values: matrix.subarray(from * d), rows: d - from, columns: d };
      // Columns that are not done yet meet zeros.
      const done = part(matrix, d, [from, to], [0, from]);
      subtract(matrix, d, from, from, await products.of(below, done, "second"), to - from);
    }
    for (let i = from; i < to; i++) {
      for (let j = from; j <= i; j++) {
        let sum = matrix[i * d + j]!;
        for (let k = from; k < j; k++) sum -= matrix[i * d + k]! * matrix[j * d + k]!;
        if (j < i) matrix[i * d + j] = sum / matrix[j * d + j]!;
        else if (sum > 0) matrix[i * d + i] = Math.sqrt(sum);
        else throw new RangeError("the matrix is not positive definite");
      }
    }
    solveBlock(matrix, matrix, d, [from, to], to);
  }
}

/** Solves L y = x in place for each row x of `rows` `[n, d]`. @param factor L, as `cholesky` leaves it */
export async function solveLower(
  products: Products,
  factor: Float64Array,
  rows: Float64Array,
  d: number,
): Promise<void> {
  const all = { values: rows, rows: rows.length / d, columns: d };
  for (let from = 0; from < d; from += BLOCK) {
    const to = Math.min(d, from + BLOCK);
    if (from > 0) {
      const known = await products.of(all, part(factor, d, [from, to], [0, from]), "second");
      subtract(rows, d, 0, from, known, to - from);
    }
    solveBlock(factor, rows, d, [from, to]);
  }
}

/** Solves L^T y = x in place for each row x of `rows` `[n, d]`. */
export async function solveUpper(
  products: Products,
  factor: Float64Array,
  rows: Float64Array,
  d: number,
): Promise<void> {
  for (let from = Math.floor((d - 1) / BLOCK) * BLOCK; from >= 0; from -= BLOCK) {
    const to = Math.min(d, from + BLOCK);
    for (let offset = 0; offset < rows.length; offset += d) {
      for (let i = to - 1; i >= from; i--) {
        const y = rows[offset + i]! / factor[i * d + i]!;
        rows[offset + i] = y;
        for (let k = from; k < i; k++) rows[offset + k]! -= factor[i * d + k]! * y;
      }
    }
    if (from === 0) return;
    const solved = new Float64Array((rows.length / d) * (to - from));
    for (let r = 0; r * d < rows.length; r++) solved.set(rows.subarray(r * d + from, r * d + to), r * (to - from));
    // y of this block times its rows of L, for the columns before it: `a b^T` with the transpose of those rows.
    const lines = new Float64Array(from * (to - from));
    for (let i = from; i < to; i++) {
      for (let k = 0; k < from; k++) lines[k * (to - from) + i - from] = factor[i * d + k]!;
    }
    const known = await products.of(
      { values: solved, rows: rows.length / d, columns: to - from },
      { values: lines, rows: from, columns: to - from },
      "second",
    );
    subtract(rows, d, 0, 0, known, from);
  }
}

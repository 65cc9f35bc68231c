import { setImmediate } from "node:timers/promises";

/**
 * The dense linear algebra of fitting a head, in float64 and plain loops: the same numbers on every machine. Matrices are
 * row-major. Long loops let the event loop run now and then.
 */

/** Milliseconds of work between two breaths. */
const SLICE = 30;

/** Call it in a long loop: returns a promise only when it is time to let others run. */
function breather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < SLICE) return undefined;
    return setImmediate().then(() => {
      last = performance.now();
    });
  };
}

/** Second moment `rows^T rows / n`. @param rows `[n, d]` @returns `[d, d]`, symmetric */
export async function secondMoment(rows: Float64Array, d: number): Promise<Float64Array> {
  const breathe = breather();
  const n = rows.length / d;
  const moment = new Float64Array(d * d);
  // A block of rows at a time, so that a row of the result stays in the cache while it is added to.
  const block = 64;
  for (let start = 0; start < n; start += block) {
    const end = Math.min(n, start + block);
    for (let i = 0; i < d; i++) {
      const target = moment.subarray(i * d, (i + 1) * d);
      for (let r = start; r < end; r++) {
        const x = rows[r * d + i]!;
        if (x === 0) continue;
        const offset = r * d;
        for (let j = i; j < d; j++) target[j]! += x * rows[offset + j]!;
      }
    }
    const pause = breathe();
    if (pause !== undefined) await pause;
  }
  for (let i = 0; i < d; i++) {
    for (let j = i; j < d; j++) {
      const value = moment[i * d + j]! / n;
      moment[i * d + j] = value;
      moment[j * d + i] = value;
    }
  }
  return moment;
}

/**
 * Cholesky factor L of a symmetric positive definite matrix, A = L L^T, in its place: the lower triangle is L, what is
 * above it is left as it was.
 * @throws RangeError where the matrix is not positive definite
 */
export async function cholesky(matrix: Float64Array, d: number): Promise<void> {
  const breathe = breather();
  for (let i = 0; i < d; i++) {
    const row = matrix.subarray(i * d, (i + 1) * d);
    for (let j = 0; j <= i; j++) {
      const other = matrix.subarray(j * d, j * d + j);
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!;
      if (j < i) row[j] = sum / matrix[j * d + j]!;
      else if (sum > 0) row[i] = Math.sqrt(sum);
      else throw new RangeError("the matrix is not positive definite");
    }
    const pause = breathe();
    if (pause !== undefined) await pause;
  }
}

/** Solves L y = x in place for each row x of `rows` `[n, d]`. @param factor L, as `cholesky` leaves it */
export async function solveLower(factor: Float64Array, rows: Float64Array, d: number): Promise<void> {
  const breathe = breather();
  for (let offset = 0; offset < rows.length; offset += d) {
    for (let i = 0; i < d; i++) {
      let sum = rows[offset + i]!;
      const line = i * d;
      for (let k = 0; k < i; k++) sum -= factor[line + k]! * rows[offset + k]!;
      rows[offset + i] = sum / factor[line + i]!;
    }
    const pause = breathe();
    if (pause !== undefined) await pause;
  }
}

/** Solves L^T y = x in place for each row x of `rows` `[n, d]`. */
export async function solveUpper(factor: Float64Array, rows: Float64Array, d: number): Promise<void> {
  const breathe = breather();
  for (let offset = 0; offset < rows.length; offset += d) {
    for (let i = d - 1; i >= 0; i--) {
      const y = rows[offset + i]! / factor[i * d + i]!;
      rows[offset + i] = y;
      const line = i * d;
      for (let k = 0; k < i; k++) rows[offset + k]! -= factor[line + k]! * y;
    }
    const pause = breathe();
    if (pause !== undefined) await pause;
  }
}

/** Products of all pairs of rows, `rows rows^T`. @param rows `[n, d]` @returns `[n, n]`, symmetric */
export async function gram(rows: Float64Array, d: number): Promise<Float64Array> {
  const breathe = breather();
  const n = rows.length / d;
  const products = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += rows[i * d + k]! * rows[j * d + k]!;
      products[i * n + j] = sum;
      products[j * n + i] = sum;
    }
    const pause = breathe();
    if (pause !== undefined) await pause;
  }
  return products;
}

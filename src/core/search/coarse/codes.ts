/** Values of a branch that lie side by side: a branch is filled up to a multiple of it, with zeros. */
export const CHUNK = 16;

/** Most of a code. */
const MOST = 127;
/** Most of a query's. */
const MOST_OF_QUERY = 32_767;
/** Products of a branch add up to less than this. */
const MOST_OF_SUM = 2 ** 31 - 1;
/** What rounding a bound to float32 may take from it, and more. */
const UPWARDS = 1 + 2 ** -20;
/** 1.5 x 2^52. */
const ROUNDER = 6_755_399_441_055_744;
const TINY = 1e-30;
/** Below, the squares of float32 lose their precision. */
const LEAST_SQUARE = 1e-30;
/** Half the distance of two float32 above 1, relative. */
const ROUNDING = 2 ** -24;

/** A branch of a row as codes: `values = scale x codes + rest`, the rest at a right angle to the codes. */
export interface Coded {
  /** float32. */
  scale: number;
  /** float32, at least the norm of the rest; no number where a value is none. */
  error: number;
}

/**
 * @param values float32, of norm 1 or 0
 * @param codes filled, as many as values, each from -127 to 127
 */
export function codeBranch(values: Float32Array, codes: Int8Array): Coded {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (!(size <= most)) most = size;
  }
  // So small a step would have lost its own precision.
  const factor = most > TINY ? MOST / most : 0;
  let [product, size] = [most * 0, 0];
  for (let i = 0; i < values.length; i++) {
    // Rounds: behind so large a number there is no room for fractions.
    const code = values[i]! * factor + ROUNDER - ROUNDER;
    codes[i] = code;
    product += values[i]! * code;
    size += code * code;
  }
  // The nearest to the values that these codes can be: the rest is at a right angle to them.
  const scale = Math.fround(product / Math.max(size, 1));
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const rest = values[i]! - codes[i]! * scale;
    squares += rest * rest;
  }
  return { scale, error: Math.fround(Math.sqrt(squares) * UPWARDS) };
}

/** A branch of a query as codes, and what makes scores and their bounds of products with rows. */
export interface CodedQuery {
  /** In whole chunks. */
  readonly codes: Int16Array;
  /** Score = product x scale of the row x this. */
  readonly factor: number;
  /** The score is at most so much off: error of the row x root of (`square` - (|score| - `slack`)^2) + `slack`. float32. */
  readonly square: number;
  readonly slack: number;
  /** Root of the square, at least. */
  readonly norm: number;
}

/**
 * With q = t a + p, x = u + r, u = s c (a, c the codes; p, r the rests) the product qx is ts ac + pu + qr. Of these |pu| <= |p||u|, and qr is
 * |r| times what of q is at a right angle to u at most (Cauchy-Schwarz, as r is at a right angle to u itself): the root of
 * |q|^2 - (qu)^2 / |u|^2, where |u| <= |x| <= 1. So the nearer a row the better is it known. The float32 product that is compared with sums
 * d products in some order, which is off by d x 2^-24 |q||x| at most (Higham 2002, section 3.1, to the first order); weighing the
 * branches and adding them up, there and in the kernel, adds 2^-24 of the score for each step. Twice that is allowed.
 * @param values float32 `[dim]`, of norm 1 or 0
 * @param branches of the query
 */
export function codeQuery(values: Float32Array, branches: number): CodedQuery {
  const dim = values.length;
  let [most, sum, squares] = [0, 0, 0];
  for (const value of values) {
    most = Math.max(most, Math.abs(value));
    sum += Math.abs(value);
    squares += value * value;
  }
  const codes = new Int16Array(Math.ceil(dim / CHUNK) * CHUNK);
  if (most === 0) return { codes, factor: 0, square: 0, slack: 0, norm: 0 };
  // Sum of |a| is at most sum / factor + dim / 2.
  const largest = Math.floor(((MOST_OF_SUM / MOST - dim) * most) / sum);
  const factor = Math.fround(most / Math.min(MOST_OF_QUERY - 1, largest));
  let rests = 0;
  for (const [i, value] of values.entries()) {
    codes[i] = Math.round(value / factor);
    rests += (value - factor * codes[i]!) ** 2;
  }
  const norm = Math.sqrt(squares);
  const square = Math.fround(Math.max(squares * UPWARDS * UPWARDS, LEAST_SQUARE));
  const steps = 2 * (dim + 2 * branches + 10);
  return {
    codes,
    factor,
    square,
    norm: Math.fround(Math.sqrt(square) * UPWARDS),
    slack: Math.fround(1.001 * (Math.sqrt(rests) + steps * norm * ROUNDING) * UPWARDS),
  };
}

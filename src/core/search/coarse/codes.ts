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
/** Half the distance of two float32 above 1, relative. */
const ROUNDING = 2 ** -24;

/** A branch of a row as codes: `values = scale x codes + rest`. */
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
  // So small a scale would have lost its own precision.
  const scale = most > TINY ? Math.fround(most / MOST) : most * 0;
  const factor = scale > 0 ? 1 / scale : 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Rounds: behind so large a number there is no room for fractions.
    const code = value * factor + ROUNDER - ROUNDER;
    codes[i] = code;
    const rest = value - code * scale;
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
  /** The score is at most so much off: error of the row x `slope` + `slack`. float32. */
  readonly slope: number;
  readonly slack: number;
}

/**
 * With q = t a + p, x = s c + r (a, c the codes; p, r the rests) the product qx is ts ac + s cp + qr, so it is off from ts ac by
 * |q||r| + |p||sc| at most (Cauchy-Schwarz), and |sc| <= |x| + |r|, where r is half a step of each value at most. The float32 product that
 * is compared with sums d products in some order, which is off by d x 2^-24 |q||x| at most (Higham 2002, section 3.1, to the first
 * order); weighing the branches and adding them up, there and in the kernel, adds 2^-24 of the score for each step. Twice that is allowed.
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
  if (most === 0) return { codes, factor: 0, slope: 0, slack: 0 };
  // Sum of |a| is at most sum / factor + dim / 2.
  const largest = Math.floor(((MOST_OF_SUM / MOST - dim) * most) / sum);
  const factor = Math.fround(most / Math.min(MOST_OF_QUERY - 1, largest));
  let rests = 0;
  for (const [i, value] of values.entries()) {
    codes[i] = Math.round(value / factor);
    rests += (value - factor * codes[i]!) ** 2;
  }
  const norm = Math.sqrt(squares);
  const size = 1.001 + Math.sqrt(dim) / (2 * MOST);
  const steps = 2 * (dim + 2 * branches + 8);
  return {
    codes,
    factor,
    slope: Math.fround(norm * UPWARDS),
    slack: Math.fround(size * (Math.sqrt(rests) + steps * norm * ROUNDING) * UPWARDS),
  };
}

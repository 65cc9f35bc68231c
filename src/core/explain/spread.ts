import { regionGrids } from "../model/index.ts";

/** A pooled feature map of one image. */
export interface PooledMap {
  readonly height: number;
  readonly width: number;
  /** `[C, height, width]`. */
  readonly values: Float32Array;
  /** `[C]`. */
  readonly pooled: Float32Array;
}

/**
 * Spreads a weighted sum of the pooled channels, sum over c of v_c pooled_c, over the positions that made them.
 * @param v `[C]`
 * @returns `[height * width]`, adding up to that sum
 */
export type Spread = (map: PooledMap, v: Float64Array) => Float64Array;

/** SPoC: each position gives x / (h w). */
export const spreadMean: Spread = (map, v) => spreadShares(map, v, (x) => x);

/** MAC: the position of each channel's maximum gives all of it; positions that share the maximum give equal parts. */
export const spreadMaximum: Spread = ({ height, width, values }, v) => {
  const positions = height * width;
  const result = new Float64Array(positions);
  for (let c = 0; c < v.length; c++) {
    const { value, at } = maximum(values.subarray(c * positions, (c + 1) * positions));
    for (const position of at) result[position] = result[position]! + (v[c]! * value) / at.length;
  }
  return result;
};

/** GeM: by shares of the sum of x^p. @param p one exponent, or one per channel */
export function spreadPower(p: Float32Array): Spread {
  return (map, v) => spreadShares(map, v, (x, c, _position, peak) => (x / peak) ** (p[c] ?? p[0]!));
}

/** wGeM: by shares of the sum of w x^p. @param weights of the positions, `[height * width]` */
export function spreadWeightedPower(p: Float32Array, weights: Float32Array): Spread {
  return (map, v) => spreadShares(map, v, (x, c, position, peak) => weights[position]! * (x / peak) ** (p[c] ?? p[0]!));
}

/**
 * GeM and wGeM of values of both signs: each channel's minimum in equal parts, as a mean would give it, and what lies above
 * it by the shares of the shifted values.
 * @param above the spread for positive values
 */
export function spreadShifted(above: Spread): Spread {
  return ({ height, width, values, pooled }, v) => {
    const positions = height * width;
    const least = Float32Array.from(v, (_, c) =>
      values
        .subarray(c * positions, (c + 1) * positions)
        .reduce((low, x) => Math.min(low, x), Number.POSITIVE_INFINITY),
    );
    const shifted = values.map((x, i) => x - least[Math.floor(i / positions)]!);
    const result = above({ height, width, values: shifted, pooled: pooled.map((x, c) => x - least[c]!) }, v);
    const even = v.reduce((sum, weight, c) => sum + weight * least[c]!, 0) / positions;
    return result.map((part) => part + even);
  };
}

/** CroW: by shares of the weighted sum; the channel weights are held fixed. @param weights of the positions */
export function spreadWeightedSum(weights: Float32Array): Spread {
  return (map, v) => spreadShares(map, v, (x, _c, position) => weights[position]! * x);
}

/** R-MAC: the maxima of each region, as in MAC; the norms of the regions are held fixed. */
export function spreadRegions(levels: number): Spread {
  return ({ height, width, values }, v) => {
    const positions = height * width;
    const result = new Float64Array(positions);
    for (const inside of regions(height, width, levels)) {
      const found = Array.from(v, (_, c) => maximum(values.subarray(c * positions, (c + 1) * positions), inside));
      const norm = Math.max(1e-12, Math.sqrt(found.reduce((sum, { value }) => sum + value * value, 0)));
      for (const [c, { value, at }] of found.entries()) {
        for (const position of at) result[position] = result[position]! + (v[c]! * value) / norm / at.length;
      }
    }
    return result;
  };
}

/** Each channel's pooled value by shares of a sum; a channel whose sum is 0 is 0 itself. */
function spreadShares(
  { height, width, values, pooled }: PooledMap,
  v: Float64Array,
  share: (x: number, channel: number, position: number, peak: number) => number,
): Float64Array {
  const positions = height * width;
  const result = new Float64Array(positions);
  const shares = new Float64Array(positions);
  for (let c = 0; c < v.length; c++) {
    const channel = values.subarray(c * positions, (c + 1) * positions);
    const peak = channel.reduce((most, x) => Math.max(most, x), 0);
    let sum = 0;
    for (let i = 0; i < positions; i++) {
      shares[i] = share(channel[i]!, c, i, peak || 1);
      sum += shares[i]!;
    }
    if (sum === 0) continue;
    const scale = (v[c]! * pooled[c]!) / sum;
    for (let i = 0; i < positions; i++) result[i] = result[i]! + shares[i]! * scale;
  }
  return result;
}

/** The greatest value and where it is. @param inside positions to look at; all where absent */
function maximum(channel: Float32Array, inside?: readonly number[]): { value: number; at: number[] } {
  let value = Number.NEGATIVE_INFINITY;
  let at: number[] = [];
  const look = (position: number) => {
    const x = channel[position]!;
    if (x < value) return;
    if (x > value) at = [];
    value = x;
    at.push(position);
  };
  if (inside === undefined) for (let i = 0; i < channel.length; i++) look(i);
  else for (const position of inside) look(position);
  return { value, at };
}

/** Positions of each region of R-MAC. */
function regions(height: number, width: number, levels: number): number[][] {
  return regionGrids(height, width, levels).flatMap(({ side, tops, lefts }) =>
    tops.flatMap((top) =>
      lefts.map((left) =>
        Array.from({ length: side * side }, (_, i) => (top + Math.floor(i / side)) * width + left + (i % side)),
      ),
    ),
  );
}

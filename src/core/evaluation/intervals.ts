import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Bounds of a 95 % interval. */
export type Interval = readonly [low: number, high: number];

/** Of the standard normal distribution, at 97.5 %. */
const Z = 1.959963984540054;
const REPLICATES = 1000;
const SEED = 18;

/**
 * Wilson's score interval of a share (Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927):
 * it stays within 0 and 1, and holds for shares near them and for few queries.
 * @param n queries, 1 or more
 */
export function wilson(share: number, n: number): Interval {
  const z2 = Z * Z;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * A bootstrap over classes (Efron, "Bootstrap Methods", 1979; classes and not queries, since the queries of a class are
 * right or wrong together): as many classes as there are, drawn with replacement, 1,000 times, with a fixed seed. All values
 * are averaged over the same draws, so that the differences of two of them have intervals too (paired).
 */
export class ClassBootstrap {
  /** Position of each query's class. */
  readonly #classes: Int32Array;
  readonly #count: number;

  /** @param classes number of each query's class */
  constructor(classes: Int32Array) {
    const numbers = new Map<number, number>();
    this.#classes = classes.map((number) => {
      const known = numbers.get(number) ?? numbers.size;
      numbers.set(number, known);
      return known;
    });
    this.#count = numbers.size;
  }

  /**
   * The mean in each of the draws.
   * @param values per metric a value for every query
   * @returns per metric float64 `[1000]`
   */
  replicates(values: readonly Float64Array[]): Float64Array[] {
    const width = values.length + 1;
    // Per class the sum of each metric, and its queries.
    const sums = new Float64Array(this.#count * width);
    for (const [q, at] of this.#classes.entries()) {
      for (const [m, each] of values.entries()) sums[at * width + m]! += each[q]!;
      sums[at * width + width - 1]!++;
    }
    const means = values.map(() => new Float64Array(REPLICATES));
    const random = xoroshiro128plus(SEED);
    const total = new Float64Array(width);
    for (let r = 0; r < REPLICATES; r++) {
      total.fill(0);
      for (let i = 0; i < this.#count; i++) {
        const from = uniformInt(random, 0, this.#count - 1) * width;
        for (let m = 0; m < width; m++) total[m]! += sums[from + m]!;
      }
      for (const [m, mean] of means.entries()) mean[r] = total[m]! / total[width - 1]!;
    }
    return means;
  }
}

/** Between the 2.5th and the 97.5th percentile of some replicates. */
export function percentiles(replicates: Float64Array): Interval {
  const sorted = replicates.toSorted();
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return below + (above - below) * (place - Math.floor(place));
  };
  return [at(0.025), at(0.975)];
}

/** Of the difference of two values that were averaged over the same draws. */
export function pairedInterval(a: Float64Array, b: Float64Array): Interval {
  return percentiles(a.map((value, i) => value - b[i]!));
}

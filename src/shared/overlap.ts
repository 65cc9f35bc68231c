import type { ListOverlap } from "./query.ts";
import type { RankedImage } from "./results.ts";

/** Persistence of rank-biased overlap: the first ten places carry 86 % of its weight (Webber et al. 2010, eq. 21). */
const PERSISTENCE = 0.9;

/**
 * How alike two ranked lists are, over their first `k` places.
 * @param a without repeats, the best first; so is `b`
 */
export function overlapOf(a: readonly string[], b: readonly string[], k = Number.POSITIVE_INFINITY): ListOverlap {
  const [one, two] = [a.slice(0, k), b.slice(0, k)];
  return { jaccard: jaccard(one, two), rbo: rankBiasedOverlap(one, two) };
}

/** The overlap of each list with each other one, by the names of both. */
export function overlapsOf(
  results: Readonly<Record<string, readonly RankedImage[]>>,
  k = Number.POSITIVE_INFINITY,
): Record<string, Record<string, ListOverlap>> {
  const lists = Object.entries(results).map(([name, list]) => [name, list.map(({ path }) => path)] as const);
  return Object.fromEntries(
    lists.map(([name, list]) => [
      name,
      Object.fromEntries(lists.map(([other, against]) => [other, overlapOf(list, against, k)])),
    ]),
  );
}

/** Shared members divided by all members; 1 for two empty lists. */
export function jaccard<T>(a: readonly T[], b: readonly T[]): number {
  const members = new Set(a);
  const shared = b.filter((each) => members.has(each)).length;
  const all = a.length + b.length - shared;
  return all === 0 ? 1 : shared / all;
}

/**
 * Rank-biased overlap of two lists that may be of different lengths, extrapolated from what is seen of them
 * (Webber, Moffat, Zobel 2010, "A similarity measure for indefinite rankings", eq. 32): 1 for equal lists, 0 for
 * disjoint ones, and the first places count most.
 * @param p persistence, 0 < p < 1
 */
export function rankBiasedOverlap<T>(a: readonly T[], b: readonly T[], p = PERSISTENCE): number {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const [s, l] = [short.length, long.length];
  if (s === 0) return l === 0 ? 1 : 0;
  const inShort = new Set<T>();
  const inLong = new Set<T>();
  let overlap = 0;
  let overlapAtS = 0;
  let sum = 0;
  for (let d = 1; d <= l; d++) {
    const fromLong = long[d - 1]!;
    inLong.add(fromLong);
    if (inShort.has(fromLong)) overlap++;
    if (d <= s) {
      const fromShort = short[d - 1]!;
      inShort.add(fromShort);
      // Also counts the place where both lists have the same image.
      if (inLong.has(fromShort)) overlap++;
      overlapAtS = overlap;
    }
    const beyond = d > s ? (overlapAtS * (d - s)) / (s * d) : 0;
    sum += (overlap / d + beyond) * p ** d;
  }
  return ((1 - p) / p) * sum + ((overlap - overlapAtS) / l + overlapAtS / s) * p ** l;
}

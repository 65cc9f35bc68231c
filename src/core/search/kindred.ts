import type { ColumnResult, ExactSearch } from "./exactSearch.ts";
import type { Gallery } from "./gallery.ts";

/** Candidates that are ordered anew; what lies behind them stays where it is. */
export const REORDERED = 100;
/** The first so many stay as they are: where the first is wrong, four of its kind would be no second chance. */
const KEPT = 4;
/** k1 and k2 of the paper, and the share of the plain distance in the final one. */
const [NEAR, AVERAGED, PLAIN] = [20, 6, 0.7];

/** Where images near a query are looked for. */
export type NearQuery = (branches: readonly Float32Array[], k: number, also: readonly string[]) => Promise<Gallery>;

/** The query and its candidates, by position; 0 is the query. */
interface Around {
  readonly count: number;
  /** Combined scores, float64 `[count, count]`. */
  readonly similar: Float64Array;
  /** Squared distances, of which the farthest row of all has 1: float64 `[count, count]`. */
  readonly distance: Float64Array;
  /** Of each, the scores of its nearest row number `NEAR` and of number `NEAR / 2`, among all rows. */
  readonly cut: Float64Array;
  readonly halfCut: Float64Array;
}

/**
 * Puts images of one kind together: re-ranking with k-reciprocal encoding (Zhong et al. 2017, sections 3.2 to 3.4, with 20, 6
 * and 0.7) of the first candidates. How near is near is asked of all rows; sets hold the candidates alone.
 * @param query one float32 `[dim]` of norm 1 per branch
 * @param gallery of the images in the list
 * @param ranked rows from the best down by combined, the query's own left out
 * @param shares of the branches in combined; they sum to 1
 * @param near a gallery with the best and the lowest of combined for a query, and with some more images, by path
 * @returns the same rows: the first four as they were, the candidates in their new order, the rest as it was
 */
export async function keepKindsTogether(
  search: ExactSearch,
  query: readonly Float32Array[],
  gallery: Gallery,
  ranked: readonly number[],
  shares: readonly number[],
  near: NearQuery = async () => gallery,
): Promise<number[]> {
  const members = ranked.slice(0, REORDERED);
  if (members.length <= KEPT) return [...ranked];
  const around = await lookAround(search, query, gallery, members, shares, near);
  const encodings = averaged(around, encode(around));
  const final = members.map((_, i) => {
    const jaccard = jaccardDistance(encodings, around.count, i + 1);
    return (1 - PLAIN) * jaccard + PLAIN * around.distance[i + 1]!;
  });
  const tail = [...members.keys()].slice(KEPT).sort((a, b) => final[a]! - final[b]! || a - b);
  return [...members.slice(0, KEPT), ...tail.map((i) => members[i]!), ...ranked.slice(members.length)];
}

async function lookAround(
  search: ExactSearch,
  query: readonly Float32Array[],
  gallery: Gallery,
  members: readonly number[],
  shares: readonly number[],
  near: NearQuery,
): Promise<Around> {
  const count = members.length + 1;
  const [similar, distance] = [new Float64Array(count * count), new Float64Array(count * count)];
  const [cut, halfCut] = [new Float64Array(count), new Float64Array(count)];
  const paths = members.map((row) => gallery.pathOf(row));
  for (let i = 0; i < count; i++) {
    const own = i === 0 ? undefined : paths[i - 1]!;
    const branches = i === 0 ? query : gallery.branches(members[i - 1]!);
    const all = await near(branches, NEAR + 1, paths);
    const result: ColumnResult = (await search.run(branches, all, NEAR + 1, { shares })).at(-1)!;
    const nearest = result.top.filter((row) => all.pathOf(row) !== own);
    const scoreOf = (rank: number) => result.scores[nearest[Math.min(rank, nearest.length) - 1]!] ?? -1;
    cut[i] = scoreOf(NEAR);
    halfCut[i] = scoreOf(NEAR / 2);
    const farthest = 2 - 2 * result.scores.reduce((least, score) => Math.min(least, score), 1);
    for (let j = 0; j < count; j++) {
      // The query need not be a row: the score is that of the candidate to it.
      const score = i === j ? 1 : j === 0 ? similar[i]! : result.scores[all.rowOf(paths[j - 1]!)!]!;
      similar[i * count + j] = score;
      distance[i * count + j] = (2 - 2 * score) / Math.max(farthest, 1e-9);
    }
  }
  return { count, similar, distance, cut, halfCut };
}

/** Who is near to whom on both sides; each is near to itself. */
function reciprocal({ count, similar }: Around, cut: Float64Array): boolean[][] {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (_, j) => {
      const score = similar[i * count + j]!;
      return i === j || (score >= cut[i]! && score >= cut[j]!);
    }),
  );
}

/** Section 3.2 and 3.3: each one's neighbourhood, with what two thirds of it vouch for, as weights that sum to 1. */
function encode(around: Around): Float64Array {
  const { count, distance, cut, halfCut } = around;
  const [near, close] = [reciprocal(around, cut), reciprocal(around, halfCut)];
  const encodings = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const members = new Set([...near[i]!.keys()].filter((j) => near[i]![j]));
    for (const c of [...members]) {
      const theirs = [...close[c]!.keys()].filter((j) => close[c]![j]);
      if (theirs.filter((j) => near[i]![j]).length > (2 / 3) * theirs.length) for (const j of theirs) members.add(j);
    }
    let sum = 0;
    for (const j of members) sum += encodings[i * count + j] = Math.exp(-distance[i * count + j]!);
    for (const j of members) encodings[i * count + j]! /= sum;
  }
  return encodings;
}

/** Section 3.4: each encoding is the mean of those of its nearest. */
function averaged({ count, similar }: Around, encodings: Float64Array): Float64Array {
  const result = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const order = [...Array(count).keys()].sort((a, b) => similar[i * count + b]! - similar[i * count + a]! || a - b);
    for (const near of order.slice(0, AVERAGED)) {
      for (let j = 0; j < count; j++) {
        result[i * count + j]! += encodings[near * count + j]! / Math.min(AVERAGED, count);
      }
    }
  }
  return result;
}

/** Between the query's encoding and another one; both sum to 1. */
function jaccardDistance(encodings: Float64Array, count: number, other: number): number {
  let shared = 0;
  for (let j = 0; j < count; j++) shared += Math.min(encodings[j]!, encodings[other * count + j]!);
  return 1 - shared / (2 - shared);
}

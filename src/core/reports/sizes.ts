import { LEAST_QUERIES, type SizeComparison } from "../../shared/index.ts";
import { type Ranking, wilson } from "../evaluation/index.ts";
import type { FolderIndex } from "../folder/index.ts";
import type { PixelBox } from "./datasets/index.ts";

/**
 * Queries with large objects against those with small ones, parted at the median of the share of the image that a box covers:
 * what the paper says of SPoC (large regions) and MAC (local ones), on these images.
 * @returns null where too few queries have a box
 */
export async function compareSizes(
  index: FolderIndex,
  ranking: Ranking,
  paths: readonly string[],
  boxes: ReadonlyMap<string, PixelBox>,
): Promise<SizeComparison | null> {
  if (boxes.size === 0) return null;
  const source = index.source();
  const shares = new Map<number, number>();
  for (const [q, row] of ranking.queries.entries()) {
    const box = boxes.get(paths[row]!);
    const record = box === undefined ? undefined : await source.record(paths[row]!);
    if (box === undefined || record === undefined) continue;
    shares.set(q, (box.width * box.height) / (record.width * record.height));
  }
  const sorted = [...shares.values()].sort((a, b) => a - b);
  const threshold = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const large = [...shares].filter(([, share]) => share >= threshold).map(([q]) => q);
  const small = [...shares].filter(([, share]) => share < threshold).map(([q]) => q);
  if (large.length < LEAST_QUERIES || small.length < LEAST_QUERIES) return null;
  const recalls = ranking.columns
    .filter(({ lists }) => lists !== null)
    .map(({ key, first }) => {
      const recall = (queries: readonly number[]) => queries.filter((q) => first[q] === 1).length / queries.length;
      const [ofLarge, ofSmall] = [recall(large), recall(small)];
      const intervals = { large: wilson(ofLarge, large.length), small: wilson(ofSmall, small.length) };
      return [key, { large: ofLarge, small: ofSmall, intervals }] as const;
    });
  return { threshold, largeQueries: large.length, smallQueries: small.length, recalls: Object.fromEntries(recalls) };
}

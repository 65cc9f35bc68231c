import { figureNote, LEAST_QUERIES, type SizeComparison, type SizeContrast } from "../../shared/index.ts";
import { ClassBootstrap, type ColumnRanking, percentiles, type Ranking, wilson } from "../evaluation/index.ts";
import type { FolderIndex } from "../folder/index.ts";
import type { PixelBox } from "./datasets/index.ts";

/**
 * Queries with large objects against those with small ones, parted at the median of the share of the image that a box covers:
 * what the paper says of SPoC (large regions) and MAC (local ones), on these images.
 * @param classes number of each row's class
 * @param warn told why there is nothing to compare, where there are boxes
 * @returns null where too few queries have a box
 */
export async function compareSizes(
  index: FolderIndex,
  ranking: Ranking,
  { paths, classes }: { readonly paths: readonly string[]; readonly classes: Int32Array },
  boxes: ReadonlyMap<string, PixelBox>,
  warn: (message: string) => void,
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
  if (large.length < LEAST_QUERIES || small.length < LEAST_QUERIES) {
    warn(
      `Large and small objects are not compared: ${large.length} queries with a box of at least the median size and ${small.length} with ` +
        `a smaller one; it takes ${LEAST_QUERIES} of each.`,
    );
    return null;
  }
  const columns = ranking.columns.filter(({ lists }) => lists !== null);
  const recalls = columns.map(({ key, first }) => {
    const recall = (queries: readonly number[]) => queries.filter((q) => first[q] === 1).length / queries.length;
    const [ofLarge, ofSmall] = [recall(large), recall(small)];
    const intervals = { large: wilson(ofLarge, large.length), small: wilson(ofSmall, small.length) };
    return [key, { large: ofLarge, small: ofSmall, intervals }] as const;
  });
  const classOfQuery = Int32Array.from(ranking.queries, (row) => classes[row]!);
  const few = Math.min(large.length, small.length);
  return {
    threshold,
    largeQueries: large.length,
    smallQueries: small.length,
    note: figureNote({ queries: few, classes: new Set(classes).size }),
    recalls: Object.fromEntries(recalls),
    contrasts: contrastsOf(columns, classOfQuery, large, small),
  };
}

/** For each pair of branches: by how much the first is ahead among large objects, among small ones, and the difference of the two. */
function contrastsOf(
  columns: readonly ColumnRanking[],
  classes: Int32Array,
  large: readonly number[],
  small: readonly number[],
): SizeContrast[] {
  const branches = columns.filter(({ branches: of }) => of.length === 1);
  const bootstrap = new ClassBootstrap(classes);
  const among = (queries: readonly number[], value: (q: number) => number) => {
    const values = new Float64Array(classes.length);
    for (const q of queries) values[q] = value(q);
    return values;
  };
  return branches.flatMap((a, i) =>
    branches.slice(i + 1).map((b): SizeContrast => {
      const ahead = (q: number) => Number(a.first[q] === 1) - Number(b.first[q] === 1);
      const mean = (queries: readonly number[]) => queries.reduce((sum, q) => sum + ahead(q), 0) / queries.length;
      // All four are averaged over the same draws of classes; the quotients are the means among the drawn large and small objects.
      const [sumLarge, countLarge, sumSmall, countSmall] = bootstrap.replicates([
        among(large, ahead),
        among(large, () => 1),
        among(small, ahead),
        among(small, () => 1),
      ]) as [Float64Array, Float64Array, Float64Array, Float64Array];
      const differences = sumLarge.map((sum, r) => sum / countLarge[r]! - sumSmall[r]! / countSmall[r]!);
      return {
        a: a.key,
        b: b.key,
        large: mean(large),
        small: mean(small),
        difference: mean(large) - mean(small),
        // A draw without a large or without a small object has no difference.
        interval: percentiles(differences.filter(Number.isFinite)),
      };
    }),
  );
}

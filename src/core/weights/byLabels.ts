import { setImmediate } from "node:timers/promises";
import { equalWeights, type SuggestedWeights, type WeightGain } from "../../shared/index.ts";
import type { EmbeddingSource } from "../search/index.ts";
import { averagePrecision, type BranchScores } from "./averagePrecision.ts";
import { branchScores } from "./branchScores.ts";
import { climb } from "./climb.ts";
import { choosingClasses } from "./labelled.ts";

/** What a choice says, without where its labels come from. */
export type LabelChoice = Pick<SuggestedWeights, "weights" | "reason" | "gain">;

/**
 * Weights by labels: every second class chooses those of the highest MAP@R; they are taken only where on the other classes the gain
 * over the equal mix is above its standard error (over classes). Labels that say nothing of the pictures, as dates do, choose
 * nothing.
 * @param labels of images by path
 * @throws the signal's reason
 */
export async function weightsByLabels(
  source: EmbeddingSource,
  labels: ReadonlyMap<string, readonly string[]>,
  signal?: AbortSignal,
): Promise<LabelChoice> {
  const { descriptors } = source.model;
  const equal = equalWeights(descriptors);
  if (descriptors.length < 2) return { weights: equal, reason: "single" };
  const chosen = choosingClasses(labels);
  if (chosen === null) return { weights: equal, reason: "few" };
  const known = await branchScores(
    source,
    chosen.flatMap(({ paths }) => paths),
    signal,
  );
  // An image may have left the index since its label was read.
  const classes = chosen
    .map(({ paths }) => paths.flatMap((path) => known.rows.get(path) ?? []))
    .filter((rows) => rows.length > 1);
  const halves = [0, 1].map((half) => classes.filter((_, i) => i % 2 === half));
  const [choosing, measuring] = halves as [number[][], number[][]];
  const found = await climb(descriptors.length, async (shares) => {
    signal?.throwIfAborted();
    await setImmediate();
    return meanOf((await precisions(known, choosing, shares)).flat());
  });
  const gain = await gainOf(known, choosing.length, measuring, found);
  if (!(gain.mean > gain.error)) return { weights: equal, reason: "noGain", gain };
  return { weights: Object.fromEntries(descriptors.map((name, b) => [name, found[b]!])), gain };
}

/** AP@R of every image of some classes, by class. Each looks among all images that are known. */
async function precisions(
  known: BranchScores,
  classes: readonly (readonly number[])[],
  shares: readonly number[],
): Promise<number[][]> {
  const result: number[][] = [];
  for (const rows of classes) {
    const own = new Set(rows);
    const others = Array.from({ length: known.count }, (_, row) => row).filter((row) => !own.has(row));
    result.push(
      rows.map((query) => {
        const right = rows.filter((row) => row !== query);
        return averagePrecision(known, query, right, others, shares);
      }),
    );
    await setImmediate();
  }
  return result;
}

async function gainOf(
  known: BranchScores,
  chosenOn: number,
  measuring: readonly (readonly number[])[],
  shares: readonly number[],
): Promise<WeightGain> {
  const before = await precisions(
    known,
    measuring,
    shares.map(() => 1),
  );
  const after = await precisions(known, measuring, shares);
  const gains = before.map((values, c) => meanOf(after[c]!.map((value, i) => value - values[i]!)));
  const mean = meanOf(gains);
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / Math.max(1, gains.length - 1);
  return { mean, error: Math.sqrt(variance / gains.length), chosenOn, measuredOn: measuring.length };
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

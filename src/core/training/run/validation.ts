import { createHash } from "node:crypto";
import type { NeighbourSearch, Rows } from "../../neighbours/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import { byLabel } from "../data/split.ts";

/** Share of the training classes that the best epoch is chosen by. */
const SHARE = 0.15;
/** Fewer training classes than this cannot spare any. */
const MIN_CLASSES = 20;
/** Results that are looked at, at most: those of large classes would fill the memory. */
const MAX_RESULTS = 100;

/**
 * A part of the training classes that gets no gradient: the best epoch is chosen by what is found among its images, so
 * that the test images choose nothing. The same seed chooses the same classes.
 * @returns labels; none where the classes are few
 */
export function validationPart(images: readonly { readonly label: string }[], seed: number): ReadonlySet<string> {
  const pairs = [...byLabel(images)].filter(([, members]) => members.length > 1).map(([label]) => label);
  if (pairs.length < MIN_CLASSES) return new Set();
  const key = (label: string) => createHash("sha256").update(`${seed}/validation/${label}`).digest("hex");
  return new Set(
    pairs
      .map((label) => ({ label, key: key(label) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, Math.round(SHARE * pairs.length))
      .map(({ label }) => label),
  );
}

/**
 * How well each image finds the others of its class by the combined score: the average precision of its first R results,
 * where R is how many others there are (the mean of these is MAP@R: Musgrave et al. 2020, section 2.3), at most 100. It
 * sees more than whether the first result is right, of which there is too little where classes are few.
 * @returns 0..1 for each image that has another of its class
 */
export async function precisionsOf(
  search: NeighbourSearch,
  rows: Rows,
  images: readonly LabelledImage[],
  signal?: AbortSignal,
): Promise<number[]> {
  const sizes = new Map([...byLabel(images)].map(([label, members]) => [label, members.length]));
  const most = Math.min(MAX_RESULTS, Math.max(...sizes.values()) - 1);
  const { k, indices } = (await search.nearest(rows, rows, most, (query) => query, { signal })).at(-1)!;
  return images.flatMap(({ label }, query) => {
    const relevant = Math.min(most, sizes.get(label)! - 1);
    if (relevant === 0) return [];
    let [found, sum] = [0, 0];
    for (let i = 0; i < relevant; i++) {
      if (images[indices[query * k + i]!]!.label === label) sum += ++found / (i + 1);
    }
    return [sum / relevant];
  });
}

/**
 * Whether the second of two states finds more than chance would have it: whether the mean of the differences, query by
 * query, is above its standard error.
 */
export function clearlyBetter(before: readonly number[], now: readonly number[]): boolean {
  const differences = now.map((precision, query) => precision - before[query]!);
  const mean = meanOf(differences);
  const variance = meanOf(differences.map((x) => (x - mean) ** 2));
  return mean > Math.sqrt(variance / differences.length);
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

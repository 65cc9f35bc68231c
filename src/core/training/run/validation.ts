import { createHash } from "node:crypto";
import type { Rows } from "../../neighbours/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import { byLabel } from "../data/split.ts";
import { rankTest } from "./evaluate.ts";

/** Share of the training classes that the best epoch is chosen by. */
const SHARE = 0.15;
/** Fewer training classes than this cannot spare any. */
const MIN_CLASSES = 20;

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
 * How well each image finds the others of its class by the combined score: AP@R, whose mean is MAP@R (`evaluation/metrics.ts`). It
 * sees more than whether the first result is right, of which there is too little where classes are few.
 * @returns 0..1 for each image that has another of its class
 */
export async function precisionsOf(
  names: readonly string[],
  rows: Rows,
  images: readonly LabelledImage[],
  signal?: AbortSignal,
): Promise<number[]> {
  const { columns } = await rankTest(names, rows, images, { signal });
  return Array.from(columns.at(-1)!.averagePrecision);
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

import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { FoundImage } from "../images/index.ts";

/** Most images that a model is measured on. */
const MEASURED = 500;

/** Fewest images outside the calibration that are enough to measure on them alone. */
const ENOUGH = 100;

export interface Samples {
  readonly calibration: readonly string[];
  readonly measured: readonly string[];
  /** One per measured image, the folder that it lies in; null where folders are no classes. */
  readonly labels: readonly string[] | null;
}

/**
 * Chooses images by the hash of their paths, so that the same files give the same choice. Images that calibrated are
 * measured only where there are few others.
 * @param count of images to calibrate on
 */
export function chooseSamples(images: readonly FoundImage[], count: number): Samples {
  const shuffled = byHash(images.map(({ path }) => path));
  const calibration = shuffled.slice(0, count);
  const others = shuffled.slice(count);
  const candidates = others.length >= ENOUGH ? others : shuffled;
  const classes = new Map<string, string[]>();
  for (const path of candidates) {
    const label = posix.dirname(path);
    classes.set(label, [...(classes.get(label) ?? []), path]);
  }
  const labelled = [...classes].filter(([label, paths]) => label !== "." && paths.length > 1);
  if (labelled.length < 2) return { calibration, measured: candidates.slice(0, MEASURED), labels: null };
  // Whole classes as far as they go: an image whose class was left out has nothing to find.
  const each = Math.max(2, Math.floor(MEASURED / Math.min(labelled.length, 50)));
  const order = byHash(labelled.map(([label]) => label));
  const chosen = order.flatMap((label) => classes.get(label)!.slice(0, each)).slice(0, MEASURED);
  return { calibration, measured: chosen, labels: chosen.map((path) => posix.dirname(path)) };
}

function byHash(names: readonly string[]): string[] {
  const keyed = names.map((name) => ({ name, key: createHash("sha256").update(name).digest("hex") }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ name }) => name);
}

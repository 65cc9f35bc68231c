import { createHash } from "node:crypto";
import type { TrainingOptions } from "../../../shared/index.ts";
import type { LabelledImage } from "./labelledImages.ts";

export interface Split {
  readonly train: readonly LabelledImage[];
  readonly test: readonly LabelledImage[];
}

/**
 * Holds out a part of the images. The same seed holds out the same part, whatever else is in the folder: choices are
 * made by hashes of labels and paths. Every test image needs another of its class in the test, so classes of one image
 * are trained on only.
 *
 * By class: whole classes, so that the test has none that was trained on, as in metric learning (Oh Song et al., "Deep
 * Metric Learning via Lifted Structured Feature Embedding", 2016, section 5). By image: of every class with at least
 * four images a share, at least two. Rows of a labels file that name a split are followed; others go to the training
 * where any row names one.
 */
export function splitImages(
  images: readonly LabelledImage[],
  { split, testShare, seed }: Pick<TrainingOptions, "split" | "testShare" | "seed">,
): Split {
  if (images.some((image) => image.split !== null)) return partition(images, (image) => image.split === "test");
  const classes = byLabel(images);
  const held = new Set<LabelledImage>();
  if (split === "class") {
    const pairs = [...classes].filter(([, members]) => members.length > 1);
    const ordered = byHash(pairs, ([label]) => label, seed);
    for (const [, members] of ordered.slice(0, Math.round(testShare * pairs.length))) {
      for (const image of members) held.add(image);
    }
  } else {
    for (const members of classes.values()) {
      if (members.length < 4) continue;
      const wanted = Math.min(members.length - 2, Math.max(2, Math.round(testShare * members.length)));
      for (const image of byHash(members, ({ path }) => path, seed).slice(0, testShare > 0 ? wanted : 0))
        held.add(image);
    }
  }
  return partition(images, (image) => held.has(image));
}

/** Images by label, both in the order of the images. */
export function byLabel<T extends { readonly label: string }>(images: readonly T[]): Map<string, T[]> {
  const classes = new Map<string, T[]>();
  for (const image of images) {
    const members = classes.get(image.label);
    if (members === undefined) classes.set(image.label, [image]);
    else members.push(image);
  }
  return classes;
}

function partition(images: readonly LabelledImage[], isTest: (image: LabelledImage) => boolean): Split {
  return { train: images.filter((image) => !isTest(image)), test: images.filter(isTest) };
}

function byHash<T>(items: readonly T[], name: (item: T) => string, seed: number): T[] {
  const key = (item: T) =>
    createHash("sha256")
      .update(`${seed}/${name(item)}`)
      .digest("hex");
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}

import { createHash } from "node:crypto";
import { MIN_ADAPTED } from "../../shared/index.ts";

/** More are not looked at the first time, when somebody waits for the index. */
export const MAX_IMAGES = 800;
/** More are not looked at later: a fit takes many times as long. */
export const MAX_REFIT_IMAGES = 1600;
/** Views of each image; twice as many cost twice the time for a point of Recall@1 at most. */
export const VIEWS = 2;

/** The same images for the same paths, whatever else changes: those whose path has the smallest hash. */
export function chooseSample<T extends { readonly path: string }>(images: readonly T[], most: number): readonly T[] {
  if (images.length <= most) return images;
  return images
    .map((image) => ({ image, key: createHash("sha256").update(image.path).digest("hex") }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, most)
    .map(({ image }) => image)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Inputs that an adaptation to so many images embeds: each image of the sample, and its views. */
export function adaptationInputs(images: number): number {
  return images < MIN_ADAPTED ? 0 : Math.min(images, MAX_IMAGES) * (1 + VIEWS);
}

/**
 * Values per embedding: few for few images. With as many as there are images, any two would be at a right angle, and every
 * score near 0.
 */
export function dimFor(images: number): number {
  return Math.min(128, Math.floor(images / 4));
}

/** Seeds for the views of an image, from its path: 32-bit integer. */
export function seedOf(path: string): number {
  return createHash("sha256").update(path).digest().readInt32LE(0);
}

import { quantile } from "./contrast.ts";
import type { Ground, Laid, Raster } from "./lay.ts";

/** Longer side of pictures of so few pixels that each of them counts: icons, sprites. */
export const FEW = 48;
/** Icons come in two, three or four times their size; a thumbnail of a photograph is a smaller part of it, and blurs as it was made. */
const MOST_TIMES = 4;

export interface SpeckDifference {
  /** Greatest difference of a pixel of two pictures of few, and what 90 % of them stay below, in levels; 0 of larger pictures. */
  readonly speck: number;
  readonly specks: number;
}

/**
 * Only of pictures whose sizes are multiples: where a pixel is made of parts of several, each program makes another one of them.
 * @param at the smaller of the two was enlarged by a kernel that keeps the middle of each pixel
 */
export function specksOf(one: Raster, other: Raster, ground: Ground, { enlarged, originals }: Laid): SpeckDifference {
  const { width, height } = one;
  const few = Number.isInteger(enlarged) && enlarged > 1 && Math.max(width, height) <= FEW * enlarged;
  const comparable = width === other.width && height === other.height;
  if (!few || !comparable || !isMultiple(originals, Math.max(width, height) / enlarged)) return { speck: 0, specks: 0 };
  const apart: number[] = [];
  for (let y = enlarged >> 1; y < height; y += enlarged) {
    for (let x = enlarged >> 1; x < width; x += enlarged) apart.push(distance(one, other, 4 * (y * width + x), ground));
  }
  return { speck: Math.max(0, ...apart), specks: quantile(apart, 0.9) };
}

/** Up to the rounding to whole pixels. @param side of the smaller one, in pixels */
function isMultiple(ratios: readonly number[], side: number): boolean {
  return ratios.every((ratio) => ratio < MOST_TIMES + 0.5 && Math.abs(Math.round(ratio) - ratio) * side <= 1);
}

function distance(one: Raster, other: Raster, at: number, ground: Ground): number {
  const seen = ({ pixels }: Raster, c: number) => {
    const alpha = pixels[at + 3]! / 255;
    return alpha * pixels[at + c]! + (1 - alpha) * ground[c]!;
  };
  return Math.max(...[0, 1, 2].map((c) => Math.abs(seen(one, c) - seen(other, c))));
}

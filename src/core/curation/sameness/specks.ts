import { quantile } from "./contrast.ts";
import type { Ground, Raster } from "./lay.ts";

/** Longer side of pictures of so few pixels that each of them counts: icons, sprites. */
const FEW = 48;

export interface SpeckDifference {
  /** Greatest difference of a pixel of two pictures of few, and what 90 % of them stay below, in levels; 0 of larger pictures. */
  readonly speck: number;
  readonly specks: number;
}

/** @param enlarged how much the smaller of the two was, by a kernel that keeps the middle of each pixel. */
export function specksOf(one: Raster, other: Raster, ground: Ground, enlarged: number): SpeckDifference {
  const { width, height } = one;
  const few = Number.isInteger(enlarged) && enlarged > 1 && Math.max(width, height) <= FEW * enlarged;
  if (!few || width !== other.width || height !== other.height) return { speck: 0, specks: 0 };
  const apart: number[] = [];
  for (let y = enlarged >> 1; y < height; y += enlarged) {
    for (let x = enlarged >> 1; x < width; x += enlarged) apart.push(distance(one, other, 4 * (y * width + x), ground));
  }
  return { speck: Math.max(0, ...apart), specks: quantile(apart, 0.9) };
}

function distance(one: Raster, other: Raster, at: number, ground: Ground): number {
  const seen = ({ pixels }: Raster, c: number) => {
    const alpha = pixels[at + 3]! / 255;
    return alpha * pixels[at + c]! + (1 - alpha) * ground[c]!;
  };
  return Math.max(...[0, 1, 2].map((c) => Math.abs(seen(one, c) - seen(other, c))));
}

import { type Ground, lightOn, type Raster } from "./lay.ts";
import { boxMean, type Plane, withScratch } from "./planes.ts";

/** A side of the places that are looked at, in pixels. */
const PLACE = 32;
/** Squared levels by which means of 3 x 3 pixels of a place differ in the mean; below there is nothing to explain. */
const LEAST = 1;
/**
 * The part of a difference that a shift explains, and the shift, in pixels. A compression moves nothing, in whatever way it is lost.
 * Of means of 3 x 3 pixels, since beside a sharp edge the gradient says little of half a pixel: of what moves, a shift explains nine
 * tenths of them, and of recompressed photographs no more than eight.
 */
const EXPLAINED = 0.85;
const SHIFT = 0.1;

/**
 * Whether something at a place of one picture lies elsewhere in the other by a part of a pixel, as in the next frame of a film: there the
 * difference is the picture's gradient times the shift (optical flow by least squares; Lucas and Kanade 1981).
 * @param a of the size of `b`
 */
export function isMoved(a: Raster, b: Raster, grounds: readonly Ground[]): boolean {
  const softLight = (raster: Raster, ground: Ground) => boxMean(lightOn(raster, ground), 1);
  return grounds.some((ground) => withScratch(() => isMovedSomewhere(softLight(a, ground), softLight(b, ground))));
}

function isMovedSomewhere(a: Plane, b: Plane): boolean {
  for (let top = 0; top < a.height; top += PLACE) {
    for (let left = 0; left < a.width; left += PLACE) {
      if (isMovedAt(a, b, left, top)) return true;
    }
  }
  return false;
}

function isMovedAt({ width, height, data }: Plane, b: Plane, left: number, top: number): boolean {
  let [xx, xy, yy, xd, yd, dd, count] = [0, 0, 0, 0, 0, 0, 0];
  for (let y = Math.max(1, top); y < Math.min(height - 1, top + PLACE); y++) {
    for (let x = Math.max(1, left); x < Math.min(width - 1, left + PLACE); x++) {
      const i = y * width + x;
      const across = (data[i + 1]! - data[i - 1]! + b.data[i + 1]! - b.data[i - 1]!) / 4;
      const down = (data[i + width]! - data[i - width]! + b.data[i + width]! - b.data[i - width]!) / 4;
      const apart = b.data[i]! - data[i]!;
      xx += across * across;
      xy += across * down;
      yy += down * down;
      xd += across * apart;
      yd += down * apart;
      dd += apart * apart;
      count++;
    }
  }
  if (dd <= LEAST * count) return false;
  // Where all gradients have one direction, the shift across it is unknown, and taken for none.
  const damping = 1e-3 * (xx + yy) + 1e-9;
  const determinant = (xx + damping) * (yy + damping) - xy * xy;
  const shiftX = ((yy + damping) * xd - xy * yd) / determinant;
  const shiftY = ((xx + damping) * yd - xy * xd) / determinant;
  return Math.hypot(shiftX, shiftY) >= SHIFT && shiftX * xd + shiftY * yd >= EXPLAINED * dd;
}

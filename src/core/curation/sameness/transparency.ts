import type { Ground, Raster } from "./lay.ts";

const WHITE: Ground = [255, 255, 255];
const BLACK: Ground = [0, 0, 0];

/** Part of what a transparent picture shows at best that must be left on a ground, for it to be the picture. */
const LEFT = 0.35;
/** Part of a picture that is no more than a rim. */
const RIM = 0.02;
/** Opacity below which the ground is seen. */
const CLEAR = 8;

/**
 * The grounds on which two pictures are compared: on white and on black where both have transparent places, on the one that
 * the opaque picture has there where one does not.
 * @returns none where nothing can tell: too little of the transparent picture is seen on that ground
 */
export function groundsOf(a: Raster, b: Raster, aOpaque: boolean, bOpaque: boolean): readonly Ground[] {
  if (aOpaque && bOpaque) return [WHITE];
  if (!aOpaque && !bOpaque) return [WHITE, BLACK];
  const [clear, opaque] = aOpaque ? [b, a] : [a, b];
  const ground = groundIn(clear, opaque);
  const best = Math.max(shownOn(clear, WHITE), shownOn(clear, BLACK));
  return shownOn(clear, ground) >= LEFT * best ? [ground] : [];
}

/** Median colour of the opaque picture where the other one is clear; white where that is nowhere. */
function groundIn(clear: Raster, opaque: Raster): Ground {
  const counts = [0, 1, 2].map(() => new Uint32Array(256));
  let count = 0;
  for (let y = 0; y < clear.height; y++) {
    const row = Math.floor(((y + 0.5) * opaque.height) / clear.height) * opaque.width;
    for (let x = 0; x < clear.width; x++) {
      if (clear.pixels[4 * (y * clear.width + x) + 3]! > CLEAR) continue;
      const at = 4 * (row + Math.floor(((x + 0.5) * opaque.width) / clear.width));
      for (let c = 0; c < 3; c++) counts[c]![opaque.pixels[at + c]!]!++;
      count++;
    }
  }
  if (count === 0) return WHITE;
  const median = counts.map((each) => medianOf(each, count));
  // Beside edges, compression smears: where there is no more than a rim, it is the likelier one.
  if (count < RIM * clear.width * clear.height) return median.reduce((sum, v) => sum + v, 0) > 3 * 128 ? WHITE : BLACK;
  return median as unknown as Ground;
}

function medianOf(counts: Uint32Array, count: number): number {
  let [value, below] = [0, counts[0]!];
  while (2 * below < count) below += counts[++value]!;
  return value;
}

/** How much is seen of a picture on a ground: the sum of the changes of brightness from one place to the next. */
function shownOn({ width, height, pixels }: Raster, ground: Ground): number {
  const light = new Float32Array(width * height);
  for (let i = 0; i < light.length; i++) {
    const alpha = pixels[4 * i + 3]! / 255;
    for (let c = 0; c < 3; c++) light[i]! += (alpha * pixels[4 * i + c]! + (1 - alpha) * ground[c]!) / 3;
  }
  let sum = 0;
  for (let y = 0; y + 1 < height; y++) {
    for (let i = y * width; i + 1 < (y + 1) * width; i++) {
      sum += Math.abs(light[i + 1]! - light[i]!) + Math.abs(light[i + width]! - light[i]!);
    }
  }
  return sum;
}

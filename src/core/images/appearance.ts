import { ones } from "./bits.ts";
import { readImageFile } from "./decode.ts";
import { ImageError } from "./failures.ts";
import { withImage } from "./open.ts";

/** What is left of a picture when size, format and compression are taken away. */
export interface Appearance {
  /** A perceptual hash of 64 bits in two uint32: which of the lowest frequencies of the brightness are above the median. */
  readonly hash: Uint32Array;
  /** Bits of the hash that are far enough from the median to outlive a new size or compression. */
  readonly sure: Uint32Array;
  /** The picture shrunk to uint8 `[32, 32, 3]`: the hash knows neither colours nor details. */
  readonly colours: Uint8Array;
}

/** How far two appearances differ. */
export interface AppearanceDistance {
  /** Bits of the hash that differ and are sure in both, 0..64. */
  readonly bits: number;
  /** Of the place where the colours differ most, 0..255: one hand of a clock makes another picture. */
  readonly colour: number;
}

const SIDE = 32;
const LOW = 8;

/** A wave of one step of brightness (of 255) over the whole picture gives a quarter of its pixels. */
const MARGIN = (2 * SIDE * SIDE) / 4;

/** `[LOW, SIDE]`: the first cosines of DCT-II. */
const COSINES = Float64Array.from({ length: LOW * SIDE }, (_, i) =>
  Math.cos((Math.PI * Math.floor(i / SIDE) * (2 * (i % SIDE) + 1)) / (2 * SIDE)),
);

/** Reads a file's appearance: first frame, upright, on white. @throws ImageError with the reason in plain words */
export async function appearanceOf(file: string): Promise<Appearance> {
  const { result } = await withImage(await readImageFile(file), SIDE, async ({ image }) => {
    // Averaged by one kernel whatever the size: shrinking on load would make another picture of a JPEG.
    const { data, info } = await image
      .flatten({ background: "#fff" })
      .toColourspace("srgb")
      .resize(SIDE, SIDE, { fit: "fill", kernel: "linear", fastShrinkOnLoad: false })
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new ImageError(`damaged: ${info.channels} channels after conversion to RGB`);
    return { ...hashOf(brightness(data)), colours: data };
  });
  return result;
}

/**
 * Nearly what `appearanceOf` gives for the picture, from pixels that are decoded already, each place the mean of its area.
 * @param pixels uint8 RGB `[height, width, 3]`, squashed to that size
 */
export function appearanceOfPixels(pixels: Uint8Array, width: number, height: number): Appearance {
  const colours = new Uint8Array(SIDE * SIDE * 3);
  const span = (i: number, n: number) => {
    const from = Math.floor((i * n) / SIDE);
    return [from, Math.max(from + 1, Math.floor(((i + 1) * n) / SIDE))] as const;
  };
  for (let y = 0; y < SIDE; y++) {
    const [top, bottom] = span(y, height);
    for (let x = 0; x < SIDE; x++) {
      const [left, right] = span(x, width);
      const sum: [number, number, number] = [0, 0, 0];
      for (let row = top; row < bottom; row++) {
        for (let i = (row * width + left) * 3; i < (row * width + right) * 3; i += 3) {
          sum[0] += pixels[i]!;
          sum[1] += pixels[i + 1]!;
          sum[2] += pixels[i + 2]!;
        }
      }
      const count = (bottom - top) * (right - left);
      for (const [c, total] of sum.entries()) colours[(y * SIDE + x) * 3 + c] = Math.round(total / count);
    }
  }
  return { ...hashOf(brightness(colours)), colours };
}

/** Bits of the hash that differ and are sure in both, 0..64. */
function hashDistance(a: Appearance, b: Appearance): number {
  let bits = 0;
  for (let i = 0; i < a.hash.length; i++) bits += ones((a.hash[i]! ^ b.hash[i]!) & a.sure[i]! & b.sure[i]!);
  return bits;
}

export function appearanceDistance(a: Appearance, b: Appearance): AppearanceDistance {
  const bits = hashDistance(a, b);
  let colour = 0;
  for (let i = 0; i < a.colours.length; i += 3) {
    let sum = 0;
    for (let c = i; c < i + 3; c++) sum += Math.abs(a.colours[c]! - b.colours[c]!);
    colour = Math.max(colour, sum / 3);
  }
  return { bits, colour };
}

function brightness(rgb: Uint8Array): Float64Array {
  const weights = [0.299, 0.587, 0.114] as const;
  return Float64Array.from({ length: SIDE * SIDE }, (_, i) =>
    weights.reduce((sum, weight, c) => sum + weight * rgb[3 * i + c]!, 0),
  );
}

/**
 * The 64 lowest frequencies of the picture, above their median or not; the mean is left out of the median's count. A
 * picture that is symmetric, or empty in part, has many frequencies near zero, whose bits are chance.
 */
function hashOf(grey: Float64Array): Pick<Appearance, "hash" | "sure"> {
  const rows = new Float64Array(SIDE * LOW);
  for (let y = 0; y < SIDE; y++) {
    for (let u = 0; u < LOW; u++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += COSINES[u * SIDE + x]! * grey[y * SIDE + x]!;
      rows[y * LOW + u] = sum;
    }
  }
  const frequencies = new Float64Array(LOW * LOW);
  for (let v = 0; v < LOW; v++) {
    for (let u = 0; u < LOW; u++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++) sum += COSINES[v * SIDE + y]! * rows[y * LOW + u]!;
      frequencies[v * LOW + u] = sum;
    }
  }
  const sorted = frequencies.slice(1).sort();
  const median = sorted[sorted.length >> 1]!;
  const [hash, sure] = [new Uint32Array(2), new Uint32Array(2)];
  for (const [i, value] of frequencies.entries()) {
    const bit = 1 << (i & 31);
    if (value > median) hash[i >> 5] = hash[i >> 5]! | bit;
    if (Math.abs(value - median) > MARGIN) sure[i >> 5] = sure[i >> 5]! | bit;
  }
  return { hash, sure };
}

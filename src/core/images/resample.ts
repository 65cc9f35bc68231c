import type { ResizeKernel } from "../../shared/index.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of the resized picture, in its pixels. */
export interface Region extends Size {
  readonly left: number;
  readonly top: number;
}

/** A kernel and how far it reaches. The cubic one has a = -1/2 (Catmull-Rom), as in Pillow. */
const KERNELS: Readonly<Record<Exclude<ResizeKernel, "nearest">, { reach: number; at: (x: number) => number }>> = {
  bilinear: { reach: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { reach: 2, at: (x) => cubic(Math.abs(x)) },
  lanczos: { reach: 3, at: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Weights are whole numbers of this many bits after the point, as Pillow has them for bytes. */
const BITS = 22;

/** For each wanted place the first one that it is made of, and its weights, `taps` a place. */
interface Weights {
  readonly taps: number;
  readonly first: Int32Array;
  readonly values: Int32Array;
}

/**
 * Resizes a picture as Pillow does, by which nearly all networks were trained (its Resample.c): columns, then rows, each
 * rounded to bytes; a kernel that is as wide as the shrinking asks for. libvips shifts what it enlarges by half a pixel,
 * and shrinks in two steps.
 * @param pixels uint8 RGB `[height, width, 3]`
 * @param part what of the resized picture is wanted
 * @returns uint8 RGB `[part.height, part.width, 3]`
 */
export function resample(pixels: Uint8Array, from: Size, to: Size, part: Region, kernel: ResizeKernel): Uint8Array {
  const across = weights(from.width, to.width, part.left, part.width, kernel);
  const down = weights(from.height, to.height, part.top, part.height, kernel);
  const [start, end] = [down.first[0]!, down.first[part.height - 1]! + down.taps];
  const rows = Math.min(from.height, end) - start;
  const narrow = new Uint8Array(rows * part.width * 3);
  for (let y = 0; y < rows; y++) {
    const source = (y + start) * from.width * 3;
    for (let x = 0, target = y * part.width * 3; x < part.width; x++, target += 3) {
      mix(pixels, source + across.first[x]! * 3, 3, across, x, narrow, target);
    }
  }
  const result = new Uint8Array(part.height * part.width * 3);
  const stride = part.width * 3;
  for (let y = 0; y < part.height; y++) {
    const source = (down.first[y]! - start) * stride;
    for (let x = 0; x < stride; x += 3) mix(narrow, source + x, stride, down, y, result, y * stride + x);
  }
  return result;
}

/** One pixel as the weighted sum of those that follow one another at `step`. */
function mix(
  source: Uint8Array,
  from: number,
  step: number,
  { taps, values }: Weights,
  place: number,
  target: Uint8Array,
  to: number,
): void {
  const half = 1 << (BITS - 1);
  let [r, g, b] = [half, half, half];
  for (let i = place * taps, at = from, end = i + taps; i < end; i++, at += step) {
    const weight = values[i]!;
    // The last weights are 0 where the picture ends, and what would be read is not there.
    if (weight === 0) continue;
    r += weight * source[at]!;
    g += weight * source[at + 1]!;
    b += weight * source[at + 2]!;
  }
  target[to] = byte(r);
  target[to + 1] = byte(g);
  target[to + 2] = byte(b);
}

function byte(sum: number): number {
  return Math.min(255, Math.max(0, sum >> BITS));
}

function weights(from: number, to: number, start: number, count: number, kernel: ResizeKernel): Weights {
  const scale = from / to;
  const first = new Int32Array(count);
  if (kernel === "nearest") {
    // Added up as Pillow adds it up, whose rounding decides where a place lies between two pixels.
    for (let i = 0, at = scale / 2; i < start + count; i++, at += scale) {
      if (i >= start) first[i - start] = Math.min(from - 1, Math.floor(at));
    }
    return { taps: 1, first, values: new Int32Array(count).fill(2 ** BITS) };
  }
  const { reach, at } = KERNELS[kernel];
  const wide = Math.max(1, scale);
  const taps = 2 * Math.ceil(reach * wide) + 1;
  const values = new Int32Array(count * taps);
  for (let i = 0; i < count; i++) {
    const middle = (start + i + 0.5) * scale;
    const low = Math.max(0, Math.floor(middle - reach * wide + 0.5));
    const high = Math.min(from, Math.floor(middle + reach * wide + 0.5));
    const raw = Array.from({ length: high - low }, (_, n) => at((low + n + 0.5 - middle) / wide));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    first[i] = low;
    for (const [n, weight] of raw.entries()) values[i * taps + n] = rounded((weight / sum) * 2 ** BITS);
  }
  return { taps, first, values };
}

/** Half a unit goes away from zero, as in C. */
function rounded(value: number): number {
  return Math.trunc(value + (value < 0 ? -0.5 : 0.5));
}

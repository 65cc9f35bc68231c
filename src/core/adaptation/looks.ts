import { setImmediate } from "node:timers/promises";

/** A side of the areas whose means tell most pictures apart, in areas per side of a picture. */
const AREAS = 8;
/**
 * What two pictures of one look differ by: the means of their areas, in levels of 255, and all places, as a part of the variance. Two
 * copies that are near in size and quality are alike; the coarsest is far from the finest, but a chain of others lies between.
 */
interface Reach {
  readonly mean: number;
  readonly part: number;
}
const NEXT: Reach = { mean: 10, part: 0.08 };
/** From the first of a chain: a film has frames that differ little one by one, and in the end altogether. */
const FIRST: Reach = { mean: 16, part: 0.35 };
/** The square of levels that any change of format rounds. */
const ROUNDING = 2 ** 2;

/** What a model sees of a picture, for being told from others. */
export interface Look {
  /** Brightness at half the model's input, uint8, row by row. */
  readonly light: Uint8Array;
  /** Red, green and blue of the areas. */
  readonly means: Float64Array;
  readonly variance: number;
}

/** @param pixels uint8 RGB `[height, width, 3]` */
export function lookOf(pixels: Uint8Array, width: number, height: number): Look {
  const [across, down] = [Math.max(1, width >> 1), Math.max(1, height >> 1)];
  const light = new Uint8Array(across * down);
  const means = new Float64Array(3 * AREAS ** 2);
  const counts = new Float64Array(AREAS ** 2);
  const colour = [0, 0, 0];
  let [sum, squares] = [0, 0];
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      colour.fill(0);
      for (let k = 0; k < 4; k++) {
        const at = 3 * (Math.min(height - 1, 2 * y + (k >> 1)) * width + Math.min(width - 1, 2 * x + (k & 1)));
        for (let c = 0; c < 3; c++) colour[c]! += pixels[at + c]! / 4;
      }
      const value = 0.299 * colour[0]! + 0.587 * colour[1]! + 0.114 * colour[2]!;
      light[y * across + x] = Math.round(value);
      const area = Math.floor((y * AREAS) / down) * AREAS + Math.floor((x * AREAS) / across);
      for (let c = 0; c < 3; c++) means[3 * area + c]! += colour[c]!;
      counts[area]!++;
      sum += value;
      squares += value * value;
    }
  }
  for (let i = 0; i < means.length; i++) means[i]! /= Math.max(1, counts[Math.floor(i / 3)]!);
  return { light, means, variance: squares / light.length - (sum / light.length) ** 2 };
}

/**
 * @returns the first picture of each look, by number; pictures are of one look where the model sees the same of them, but for quality
 * @throws the signal's reason
 */
export async function firstOfEachLook(looks: readonly Look[], signal?: AbortSignal): Promise<number[]> {
  const first: number[] = [];
  let others = [...looks.keys()];
  while (others.length > 0) {
    const [start, ...rest] = others as [number, ...number[]];
    first.push(start);
    const chain = [start];
    others = rest;
    for (const member of chain) {
      // Whoever waits (a query, a cancel) goes first.
      await setImmediate();
      signal?.throwIfAborted();
      const joins = (i: number) =>
        isWithin(NEXT, looks[member]!, looks[i]!) && isWithin(FIRST, looks[start]!, looks[i]!);
      const found = new Set(others.filter(joins));
      chain.push(...found);
      others = others.filter((i) => !found.has(i));
    }
  }
  return first;
}

function isWithin({ mean, part }: Reach, a: Look, b: Look): boolean {
  if (a.means.some((value, i) => Math.abs(value - b.means[i]!) > mean)) return false;
  const most = a.light.length * (ROUNDING + part * Math.max(a.variance, b.variance));
  let squares = 0;
  // Most pictures are told apart by a part of them.
  for (let i = 0; i < a.light.length && squares <= most; i++) squares += (a.light[i]! - b.light[i]!) ** 2;
  return squares <= most;
}

import { quantile } from "./contrast.ts";
import { lightOn, type Raster } from "./lay.ts";
import { boxMean, withScratch } from "./planes.ts";
import type { SeenPicture } from "./seen.ts";
import { FEW } from "./specks.ts";

/** Part of the limits that a change of format without loss takes at most. */
const LOSSLESS = 0.1;
/** Levels by which pixels differ from their neighbours at half of all places, from which on faint strokes are lost among them. */
const GRAIN = 8;
/** Places of a picture that are looked at for its grain. */
const PLACES = 20_000;

/** Whether one of two pictures has few pixels and the other another number: each may be what differs, and is mixed with others. */
export function isMixed(small: SeenPicture, large: SeenPicture): boolean {
  const resized = small.width !== large.width || small.height !== large.height;
  return resized && Math.max(small.width, small.height) <= FEW;
}

/**
 * Whether something faint may be lost in the grain (noise, sand, weave) of a picture: a compression changes all of it.
 * @param apart part of the limits that the two take
 */
export function isLostInGrain(picture: SeenPicture, apart: number): boolean {
  return apart > LOSSLESS && grainOf(picture) > GRAIN;
}

/** Median difference of a pixel from the mean of its neighbours, in levels of brightness. */
function grainOf(raster: Raster): number {
  return withScratch(() => {
    const light = lightOn(raster, [255, 255, 255]);
    const means = boxMean(light, 1).data;
    const step = Math.max(1, Math.floor(light.data.length / PLACES));
    const apart: number[] = [];
    for (let i = 0; i < light.data.length; i += step) apart.push(Math.abs(light.data[i]! - means[i]!));
    return quantile(apart, 0.5);
  });
}

import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Proxies } from "./losses/index.ts";
import type { NamedTensors } from "./parameters.ts";
import type { LossOptions } from "./trainingStep.ts";

const PROXIES = "proxies/weights";

/** How much faster than the rest proxies are trained, as the authors of Proxy-Anchor do: they begin anywhere. */
const FASTER = 100;

/** The proxies of the classes, where the ranking loss has any. */
export function proxiesOf({ ranking }: LossOptions, classes: number): Proxies | undefined {
  return ranking === "proxyAnchor" ? { weights: PROXIES, classes } : undefined;
}

/** The proxies before the first step, at random. @param dim of the combined embedding */
export function proxyParameters(losses: LossOptions, classes: number, dim: number, seed: number): NamedTensors {
  if (losses.ranking !== "proxyAnchor") return new Map();
  const random = xoroshiro128plus(seed);
  const values = Float32Array.from({ length: classes * dim }, () => (2 * uniformFloat32(random) - 1) / Math.sqrt(dim));
  return new Map([[PROXIES, { dims: [classes, dim], values }]]);
}

/** Factor of the learning rate of a parameter. */
export function rateOf(parameter: string): number {
  return parameter === PROXIES ? FASTER : 1;
}

import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Dims } from "./attributes.ts";
import type { Classified } from "./losses/index.ts";
import { LABELS } from "./stepSession.ts";
import type { LossOptions } from "./trainingStep.ts";

/** Tensors where a training starts, by the names of the parameters. */
export type NamedTensors = ReadonlyMap<string, { readonly dims: Dims; readonly values: Float32Array }>;

const WEIGHTS = "classifier/weights";
const BIAS = "classifier/bias";

/** The auxiliary classifier before the first step: weights uniform in +-1 / sqrt(channels) as torch starts them, no bias. */
export function classifierParameters(channels: number, classes: number, seed: number): NamedTensors {
  const random = xoroshiro128plus(seed);
  const bound = 1 / Math.sqrt(channels);
  const values = Float32Array.from({ length: channels * classes }, () => (2 * uniformFloat32(random) - 1) * bound);
  return new Map([
    [WEIGHTS, { dims: [channels, classes], values }],
    [BIAS, { dims: [classes], values: new Float32Array(classes) }],
  ]);
}

/** What the classification loss works on; undefined where there is none. @param features float32 `[batch, channels]` */
export function classifierOf(
  { losses, batch, classes }: { readonly losses: LossOptions; readonly batch: number; readonly classes: number },
  features: string,
): Classified | undefined {
  if (losses.classification === "none") return undefined;
  return { features, weights: WEIGHTS, bias: BIAS, labels: LABELS, n: batch, classes };
}

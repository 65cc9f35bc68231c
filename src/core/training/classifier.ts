import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Head } from "../model/index.ts";
import type { Classified } from "./losses/index.ts";
import type { NamedTensors } from "./parameters.ts";
import { LABELS } from "./stepSession.ts";
import type { LossOptions } from "./trainingStep.ts";

export const CLASSIFIER_WEIGHTS = "classifier/weights";
const BIAS = "classifier/bias";

/**
 * The auxiliary classifier before the first step, where the losses have one: weights uniform in +-1 / sqrt(channels) as torch
 * starts them, a bias of 0; a normalised classifier has none.
 */
export function classifierParameters(
  { classification }: LossOptions,
  channels: number,
  classes: number,
  seed: number,
): NamedTensors {
  if (classification === "none") return new Map();
  const random = xoroshiro128plus(seed);
  const bound = 1 / Math.sqrt(channels);
  const values = Float32Array.from({ length: channels * classes }, () => (2 * uniformFloat32(random) - 1) * bound);
  return new Map([
    [CLASSIFIER_WEIGHTS, { dims: [channels, classes], values }],
    ...(classification === "arcFace" ? [] : [[BIAS, { dims: [classes], values: new Float32Array(classes) }] as const]),
  ]);
}

/** What the classification loss works on; undefined where there is none. @param features float32 `[batch, channels]` */
export function classifierOf(
  { losses, batch, classes }: { readonly losses: LossOptions; readonly batch: number; readonly classes: number },
  features: string,
): Classified | undefined {
  if (losses.classification === "none") return undefined;
  return { features, weights: CLASSIFIER_WEIGHTS, bias: BIAS, labels: LABELS, n: batch, classes };
}

/** Logits of a cosine of 1 between an image and the mean of its class, before the temperature. */
const LOGIT = 10;

/**
 * The auxiliary classifier where a head has been fitted: an image's logits are LOGIT times the cosines, behind that head,
 * between its descriptor and the mean descriptor of each class. From random weights its first gradients would tell the backbone
 * nothing.
 * @param head `[channels, dim]` and `[dim]`, of descriptors of norm 1
 * @param means float32 `[classes, channels]`: mean of each class's descriptors, which have norm 1
 * @param norm of the descriptors that the classifier reads
 */
export function classifierAtMeans(head: Head, means: Float32Array, norm: number): ReadonlyMap<string, Float32Array> {
  const { weights, bias, dim } = head;
  const channels = weights.length / dim;
  const classes = means.length / channels;
  const start = new Float32Array(channels * classes);
  const shift = new Float32Array(classes);
  for (let c = 0; c < classes; c++) {
    const mean = Float64Array.from(bias);
    for (let i = 0; i < channels; i++) {
      for (let k = 0; k < dim; k++) mean[k]! += means[c * channels + i]! * weights[i * dim + k]!;
    }
    const scale = LOGIT / Math.max(Math.hypot(...mean), 1e-12);
    for (let i = 0; i < channels; i++) {
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += weights[i * dim + k]! * mean[k]!;
      start[i * classes + c] = (scale * sum) / norm;
    }
    shift[c] = scale * bias.reduce((sum, b, k) => sum + b * mean[k]!, 0);
  }
  return new Map([
    [CLASSIFIER_WEIGHTS, start],
    [BIAS, shift],
  ]);
}

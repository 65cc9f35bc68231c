import type { AttentionKind } from "../../../shared/index.ts";
import { type Attention, CBAM_KERNEL, type ChannelMlp } from "./attention.ts";
import type { SpatialWeights } from "./weighted.ts";

/**
 * Weights from which training starts. They are neutral, so that a model is as good with them as without the part that
 * they belong to, and the same on every machine, so that the model's fingerprint is.
 */

/** GeM's exponent where none is given; CGD fixes it. */
export const DEFAULT_P = 3;

/** Channels per hidden unit in SE and CBAM, as in both papers. */
const REDUCTION = 16;

/** One exponent per channel, all alike. @returns float32 `[channels]` */
export function initialExponents(channels: number, p = DEFAULT_P): Float32Array {
  return new Float32Array(channels).fill(p);
}

/** Every position weighs the same: wGeM starts as GeM. */
export function initialSpatialWeights(channels: number): SpatialWeights {
  return { weights: new Float32Array(channels), bias: 0 };
}

/** Every gate is sigmoid(0) = 1/2: attention starts as a constant factor, which L2 takes away. */
export function initialAttention(kind: AttentionKind, channels: number): Attention {
  const mlp = initialMlp(channels);
  if (kind === "SE") return { kind, mlp };
  return { kind, mlp, spatial: { weights: new Float32Array(2 * CBAM_KERNEL ** 2), bias: 0 } };
}

/** The expanding layer is zero. The reducing one is not: with both at zero, no gradient would ever reach either. */
function initialMlp(channels: number): ChannelMlp {
  const hidden = Math.max(1, Math.floor(channels / REDUCTION));
  return {
    reduce: { weights: heUniform(channels * hidden, channels), bias: new Float32Array(hidden) },
    expand: { weights: new Float32Array(hidden * channels), bias: new Float32Array(channels) },
  };
}

/** Uniform in +-sqrt(6 / inputs) (He et al. 2015), from a linear congruential generator in whole numbers. */
function heUniform(count: number, inputs: number): Float32Array {
  const bound = Math.sqrt(6 / inputs);
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * bound;
  });
}

import type { ConstantTensor } from "../onnx/index.ts";
import type { Range } from "./calibrate.ts";

/** value = (byte - zero) * scale, as QuantizeLinear and DequantizeLinear define it. */
export interface Scale {
  readonly scale: number;
  readonly zero: number;
}

/** Smaller scales would not survive being multiplied as float32; what they would scale is nothing. */
const LEAST_ACTIVATION_SCALE = 1e-20;
const LEAST_WEIGHT_SCALE = 1e-15;

/** uint8 over a range. Zero is always in it and has a byte of its own, so that padding is exact. */
export function activationScale({ min, max }: Range): Scale {
  const low = Math.min(min, 0);
  const high = Math.max(max, 0);
  const scale = Math.fround((high - low) / 255);
  // A tensor that was zero on every image.
  if (scale < LEAST_ACTIVATION_SCALE) return { scale: 1, zero: 0 };
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-low / scale))) };
}

export interface WeightScales {
  /** float32 `[channels]`. */
  readonly scale: Float32Array;
  /** int8, shaped as the weights. */
  readonly values: Int8Array;
  /** float32 `[channels]`: input scale times weight scale, so that products and bias add up as whole numbers. */
  readonly biasScale: Float32Array;
  readonly biasValues: Int32Array | undefined;
}

/**
 * int8 weights with a scale per output channel, symmetric (-127..127), and int32 bias.
 * @param weights `[channels, ...]`
 * @param bias `[channels]`
 * @param inputScale of the convolution's input
 */
export function weightScales(
  weights: ConstantTensor,
  bias: ConstantTensor | undefined,
  inputScale: number,
): WeightScales {
  const channels = weights.dims[0]!;
  const size = weights.values.length / channels;
  const scale = new Float32Array(channels);
  const values = new Int8Array(weights.values.length);
  const biasScale = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const channel = weights.values.subarray(c * size, (c + 1) * size);
    const greatest = channel.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // The bias of a channel with tiny weights must fit its whole number, with room for the products.
    const least = Math.abs(bias?.values[c] ?? 0) / (inputScale * 2 ** 30);
    scale[c] = Math.max(greatest / 127, least, LEAST_WEIGHT_SCALE);
    biasScale[c] = inputScale * scale[c]!;
    for (let i = 0; i < size; i++) values[c * size + i] = Math.round(channel[i]! / scale[c]!);
  }
  const biasValues = bias && Int32Array.from(bias.values, (value, c) => Math.round(value / biasScale[c]!));
  return { scale, values, biasScale, biasValues };
}

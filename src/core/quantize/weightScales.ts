import type { ConstantTensor } from "../onnx/index.ts";

/** Smaller scales would not survive being multiplied as float32; what they would scale is nothing. */
const LEAST_SCALE = 1e-15;

/**
 * x86 processors without VNNI multiply uint8 by int8 and add the products of two neighbours in 16 bits. Up to this sum of two weights
 * of one sign even 255 of both stays below 2^15, so that all processors give the same bits.
 */
const MOST_OF_A_PAIR = 128;

/** Different values of a tensor whose weights may lie on a grid: a byte has no more. */
const MOST_OF_A_GRID = 256;

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
 * int8 weights with a scale per output channel, symmetric (-127..127, two neighbours of one sign 128 together), and int32 bias.
 * Weights that lie on a grid already, as those that came as bytes do, keep it where it is fine enough: they lose nothing.
 * @param weights `[channels, inputs, ...]`
 * @param bias `[channels]`
 * @param inputScale of the convolution's input
 * @param groups of the convolution
 */
export function weightScales(
  weights: ConstantTensor,
  bias: ConstantTensor | undefined,
  inputScale: number,
  groups = 1,
): WeightScales {
  const channels = weights.dims[0]!;
  const size = weights.values.length / channels;
  const scale = new Float32Array(channels);
  const values = new Int8Array(weights.values.length);
  const biasScale = new Float32Array(channels);
  const step = stepOf(weights.values);
  // A depthwise convolution is no sum over pairs.
  const pairs = groups > 1 && groups === channels && weights.dims[1] === 1 ? [] : neighbours(weights.dims);
  for (let c = 0; c < channels; c++) {
    const channel = weights.values.subarray(c * size, (c + 1) * size);
    const greatest = channel.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const pair = pairs.reduce((most, [i, j]) => Math.max(most, ofOneSign(channel[i]!, channel[j]!)), 0);
    const exact = step > 0 && Math.round(greatest / step) <= 127 && Math.round(pair / step) <= MOST_OF_A_PAIR;
    // The bias of a channel with tiny weights must fit its whole number, with room for the products.
    const least = Math.abs(bias?.values[c] ?? 0) / (inputScale * 2 ** 30);
    scale[c] = Math.max(exact ? step : Math.max(greatest, pair) / 127, least, LEAST_SCALE);
    biasScale[c] = inputScale * scale[c]!;
    for (let i = 0; i < size; i++) values[c * size + i] = Math.round(channel[i]! / scale[c]!);
  }
  const biasValues = bias && Int32Array.from(bias.values, (value, c) => Math.round(value / biasScale[c]!));
  return { scale, values, biasScale, biasValues };
}

function ofOneSign(a: number, b: number): number {
  return a * b > 0 ? Math.abs(a + b) : 0;
}

/**
 * Which weights of a channel are multiplied side by side: the products lie in the order of the kernel's places, and within a place in
 * that of the inputs.
 * @param dims `[channels, inputs, ...kernel]`
 * @returns places within a channel
 */
function neighbours([, inputs = 1, ...kernel]: readonly number[]): [number, number][] {
  const places = kernel.reduce((product, n) => product * n, 1);
  const at = (k: number) => (k % inputs) * places + Math.floor(k / inputs);
  const pairs: [number, number][] = [];
  for (let k = 0; k + 1 < places * inputs; k += 2) pairs.push([at(k), at(k + 1)]);
  return pairs;
}

/** Step of the grid on which all values lie, zero among them; 0 where they lie on none. */
function stepOf(values: Float32Array): number {
  const distinct = new Set(values).add(0);
  if (distinct.size > MOST_OF_A_GRID) return 0;
  const sorted = [...distinct].sort((a, b) => a - b);
  // Neighbours on the grid are there if anything is; the whole width then tells the step more closely than one of its gaps.
  const width = sorted.at(-1)! - sorted[0]!;
  const gap = sorted
    .slice(1)
    .reduce((least, value, i) => Math.min(least, value - sorted[i]!), Number.POSITIVE_INFINITY);
  const steps = Math.round(width / gap);
  if (!(width > 0) || steps >= MOST_OF_A_GRID) return 0;
  const step = width / steps;
  return sorted.every((value) => Math.abs(value / step - Math.round(value / step)) < 0.01) ? step : 0;
}

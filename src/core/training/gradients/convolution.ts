import { type Dims, intOf, type Windows, windowsOf } from "../attributes.ts";
import type { Backward, GradientRule } from "./rule.ts";

/** Of so few channels (the stem of a network) one wide product is made, in place of many narrow ones. */
const FEW_CHANNELS = 16;

/** A convolution that is being differentiated: x `[N, I, h, w]`, w `[O, I / groups, kh, kw]`, dy `[N, O, oh, ow]`. */
interface Convolution extends Backward {
  readonly windows: Windows;
  readonly x: string;
  readonly xDims: Dims;
  readonly w: string;
  readonly wDims: Dims;
  readonly depthwise: boolean;
  /** A kernel of one value, every position, no padding: a product per position. */
  readonly pointwise: boolean;
}

const conv: GradientRule = (b) => {
  const [x, w, bias] = b.inputs as [string, string, string | undefined];
  const [xDims, wDims] = [b.dims(x), b.dims(w)];
  const windows = windowsOf(b.node, xDims, wDims.slice(2));
  if (windows === undefined) return "dilated windows";
  const groups = intOf(b.node, "group", 1);
  const depthwise = groups > 1;
  if (depthwise && (groups !== xDims[1] || groups !== wDims[0])) return `${groups} groups`;
  const plain = [...windows.kernel, ...windows.strides].every((n) => n === 1) && windows.pads.every((n) => n === 0);
  const c: Convolution = { ...b, windows, x, xDims, w, wDims, depthwise, pointwise: plain && !depthwise };
  return [
    b.needs(0) ? inputGradient(c) : undefined,
    b.needs(1) ? weightGradient(c) : undefined,
    ...(bias ? [b.needs(2) ? sumPositions(c) : undefined] : []),
  ];
};

/** Of a bias: dy summed over images and positions. */
function sumPositions({ graph, gradient }: Convolution): string {
  return graph.op("ReduceSum", [gradient, graph.ints([0, 2, 3])], { keepdims: 0 });
}

/** The transposed convolution of dy with the same weights. */
function inputGradient({ graph, node, gradient, w, xDims, windows, pointwise }: Convolution): string {
  if (pointwise) {
    const transposed = graph.op("Transpose", [w], { perm: [1, 0, 2, 3] });
    return graph.op("Conv", [gradient, transposed], { kernel_shape: [1, 1] });
  }
  const { kernel, strides, pads, out } = windows;
  // Rows and columns at the end that no window touched.
  const rest = [0, 1].map((i) => {
    const covered = (out[i]! - 1) * strides[i]! + kernel[i]!;
    return xDims[2 + i]! + pads[i]! + pads[2 + i]! - covered;
  });
  return graph.op("ConvTranspose", [gradient, w], {
    kernel_shape: [...kernel],
    strides: [...strides],
    pads: [...pads],
    output_padding: rest,
    group: intOf(node, "group", 1),
  });
}

/**
 * Per place of the kernel, what its weights met: the map shifted by the place, times dy. Dense: a product over all
 * positions. Depthwise: a sum per channel.
 */
function weightGradient(c: Convolution): string {
  const { graph, gradient, windows, xDims, wDims } = c;
  const [top, left, bottom, right] = windows.pads;
  const padded = (value: string, before: Dims, after: Dims) =>
    windows.pads.every((n) => n === 0) ? value : graph.op("Pad", [value, graph.ints([...before, ...after])]);
  const [kh, kw] = windows.kernel;
  if (c.depthwise) {
    const x = padded(c.x, [0, 0, top, left], [0, 0, bottom, right]);
    const places = eachPlace(c, x, 2).map((shifted) =>
      graph.op("ReduceSum", [graph.op("Mul", [shifted, gradient]), graph.ints([0, 2, 3])], { keepdims: 0 }),
    );
    return stack(c, places, [wDims[0]!, 1], [1, 0]);
  }
  // Channels last: a place of the kernel is then a matrix, positions x channels.
  const [inputs, outputs, positions] = [xDims[1]!, wDims[0]!, xDims[0]! * windows.out[0] * windows.out[1]];
  const last = (value: string) => graph.op("Transpose", [value], { perm: [0, 2, 3, 1] });
  const matrix = (value: string, n: number) => graph.op("Reshape", [value, graph.ints([positions, n])]);
  const dy = matrix(last(gradient), outputs);
  const x = padded(last(c.x), [0, top, left, 0], [0, bottom, right, 0]);
  const seen = eachPlace(c, x, 1);
  if (seen.length > 1 && inputs <= FEW_CHANNELS) {
    const columns = matrix(graph.op("Concat", seen, { axis: 3 }), seen.length * inputs);
    const product = graph.op("Gemm", [dy, columns], { transA: 1 });
    const places = graph.op("Reshape", [product, graph.ints([outputs, seen.length, inputs])]);
    return graph.op("Reshape", [graph.op("Transpose", [places], { perm: [0, 2, 1] }), graph.ints(wDims)]);
  }
  const products = seen.map((shifted) => graph.op("Gemm", [dy, matrix(shifted, inputs)], { transA: 1 }));
  if (kh * kw === 1) return graph.op("Reshape", [products[0]!, graph.ints(wDims)]);
  return stack(c, products, [outputs, inputs], [1, 2, 0]);
}

/** The padded map as each place of the kernel sees it. @param axis of the rows; the columns follow */
function eachPlace({ graph, windows }: Convolution, x: string, axis: number): string[] {
  const { kernel, strides, out } = windows;
  const axes = graph.ints([axis, axis + 1]);
  const steps = graph.ints(strides);
  return Array.from({ length: kernel[0] * kernel[1] }, (_, place) => {
    const start = [Math.floor(place / kernel[1]), place % kernel[1]];
    const end = start.map((at, i) => at + (out[i]! - 1) * strides[i]! + 1);
    return graph.op("Slice", [x, graph.ints(start), graph.ints(end), axes, steps]);
  });
}

/** Puts one value per place of the kernel side by side, and the places last, as the weights have them. */
function stack({ graph, wDims }: Convolution, places: readonly string[], each: Dims, perm: readonly number[]): string {
  const rows = graph.op(
    "Concat",
    places.map((value) => graph.op("Reshape", [value, graph.ints([1, ...each])])),
    { axis: 0 },
  );
  const matrix = perm.length === 2 ? graph.op("Reshape", [rows, graph.ints([places.length, each[0]!])]) : rows;
  return graph.op("Reshape", [graph.op("Transpose", [matrix], { perm }), graph.ints(wDims)]);
}

export const CONVOLUTION: Readonly<Record<string, GradientRule>> = { Conv: conv };

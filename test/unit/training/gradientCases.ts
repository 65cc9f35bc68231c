import type { Dims } from "../../../src/core/training/attributes.ts";
import {
  type Case,
  type ConvOptions,
  convolution,
  elementwise,
  flat,
  positions,
  reduction,
  sum,
} from "./gradientDefinitions.ts";

function conv(name: string, x: Dims, w: Dims, options: Partial<ConvOptions> & { autoPad?: string }): Case {
  const { strides = [1, 1], pads = [0, 0, 0, 0], group = 1, autoPad } = options;
  const padding = autoPad === undefined ? { pads } : { auto_pad: autoPad };
  return {
    name,
    inputs: [x, w, [w[0]!]],
    build: (graph, inputs) => graph.op("Conv", inputs, { kernel_shape: w.slice(2), strides, group, ...padding }),
    plain: convolution({ strides, pads, group }),
  };
}

const positive = (x: number) => 0.2 + Math.abs(x);
/** Away from the kink at zero. */
const split = (x: number) => x + 0.2 * Math.sign(x);
const unary = (name: string, f: (x: number) => number, domain = (x: number) => x): Case => ({
  name,
  inputs: [[3, 4]],
  domain,
  build: (graph, [x]) => graph.op(name, [x!]),
  plain: elementwise(f),
});
const binary = (name: string, f: (a: number, b: number) => number, inputs: readonly Dims[], domain = split): Case => ({
  name: `${name} of ${inputs.map((dims) => `[${dims}]`).join(" and ")}`,
  inputs,
  domain,
  build: (graph, names) => graph.op(name, names),
  plain: elementwise(f),
});

/** The operators that can be differentiated, from their definitions. */
export const CASES: readonly Case[] = [
  unary("Relu", (x) => Math.max(0, x), split),
  unary("Neg", (x) => -x),
  unary("Exp", Math.exp),
  unary("Log", Math.log, positive),
  unary("Sqrt", Math.sqrt, positive),
  unary("Identity", (x) => x),
  unary("Sigmoid", (x) => 1 / (1 + Math.exp(-x))),
  ...[
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], []],
    [
      [2, 3, 2, 2],
      [3, 1, 1],
    ],
    [
      [2, 1],
      [1, 3],
    ],
  ].flatMap((dims) => [
    binary("Add", (a, b) => a + b, dims),
    binary("Sub", (a, b) => a - b, dims),
    binary("Mul", (a, b) => a * b, dims),
    binary("Div", (a, b) => a / b, dims),
    binary("Pow", (a, b) => a ** b, dims, positive),
    binary("Max", Math.max, dims),
  ]),
  {
    name: "Clip between 0 and 6 (ReLU6)",
    inputs: [[4, 5]],
    domain: (x) => 3 + 6.1 * x,
    build: (graph, [x]) => graph.op("Clip", [x!, graph.scalar(0), graph.scalar(6)]),
    plain: elementwise((x) => Math.min(6, Math.max(0, x))),
  },
  {
    name: "the same value on both sides",
    inputs: [[3]],
    build: (graph, [x]) => graph.op("Mul", [x!, x!]),
    plain: elementwise((x) => x * x),
  },
  ...(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2"] as const).flatMap((op) =>
    [0, 1].map((keepdims): Case => {
      const f = {
        ReduceSum: sum,
        ReduceMean: (v: readonly number[]) => sum(v) / v.length,
        ReduceMax: (v: readonly number[]) => Math.max(...v),
        ReduceMin: (v: readonly number[]) => Math.min(...v),
        ReduceL2: (v: readonly number[]) => Math.sqrt(sum(v.map((x) => x * x))),
      }[op];
      return {
        name: `${op}, keepdims ${keepdims}`,
        inputs: [[2, 3, 4]],
        build: (graph, [x]) =>
          op === "ReduceSum"
            ? graph.op(op, [x!, graph.ints([0, 2])], { keepdims })
            : graph.op(op, [x!], { axes: [0, 2], keepdims }),
        plain: reduction([0, 2], f),
      };
    }),
  ),
  {
    name: "MatMul",
    inputs: [
      [3, 4],
      [4, 2],
    ],
    build: (graph, inputs) => graph.op("MatMul", inputs),
    plain: ([a, b]) =>
      positions([3, 2]).map(([i, j]) => sum([0, 1, 2, 3].map((k) => a!.values[i! * 4 + k]! * b!.values[k * 2 + j!]!))),
  },
  ...[0, 1].flatMap((transA) =>
    [0, 1].map(
      (transB): Case => ({
        name: `Gemm, transA ${transA}, transB ${transB}`,
        inputs: [transA ? [4, 3] : [3, 4], transB ? [2, 4] : [4, 2], [2]],
        build: (graph, inputs) => graph.op("Gemm", inputs, { transA, transB }),
        plain: ([a, b, c]) =>
          positions([3, 2]).map(
            ([i, j]) =>
              c!.values[j!]! +
              sum(
                [0, 1, 2, 3].map(
                  (k) => a!.values[transA ? k * 3 + i! : i! * 4 + k]! * b!.values[transB ? j! * 4 + k : k * 2 + j!]!,
                ),
              ),
          ),
      }),
    ),
  ),
  {
    name: "Transpose",
    inputs: [[2, 3, 4]],
    build: (graph, [x]) => graph.op("Transpose", [x!], { perm: [2, 0, 1] }),
    plain: ([x]) => positions([4, 2, 3]).map(([k, i, j]) => x!.values[flat([i!, j!, k!], [2, 3, 4])]!),
  },
  {
    name: "Reshape",
    inputs: [[2, 6]],
    build: (graph, [x]) => graph.op("Reshape", [x!, graph.ints([0, -1, 2])]),
    plain: ([x]) => x!.values,
  },
  {
    name: "Flatten",
    inputs: [[2, 3, 2]],
    build: (graph, [x]) => graph.op("Flatten", [x!]),
    plain: ([x]) => x!.values,
  },
  {
    name: "Concat",
    inputs: [
      [2, 2],
      [2, 3],
      [2, 1],
    ],
    build: (graph, inputs) => graph.op("Concat", inputs, { axis: 1 }),
    plain: ([a, b, c]) =>
      [0, 1].flatMap((i) => [
        ...a!.values.slice(2 * i, 2 * i + 2),
        ...b!.values.slice(3 * i, 3 * i + 3),
        c!.values[i]!,
      ]),
  },
  {
    name: "Concat along the last axis, counted from the end",
    inputs: [
      [2, 1],
      [2, 2],
    ],
    build: (graph, inputs) => graph.op("Concat", inputs, { axis: -1 }),
    plain: ([a, b]) => [0, 1].flatMap((i) => [a!.values[i]!, ...b!.values.slice(2 * i, 2 * i + 2)]),
  },
  ...[1, 2].map(
    (axis): Case => ({
      name: `Gather along axis ${axis}`,
      inputs: [[2, 3, 4]],
      build: (graph, [x]) => graph.op("Gather", [x!, graph.ints([2, 0, 2])], { axis: axis - 3 }),
      plain: ([x]) =>
        positions(axis === 1 ? [2, 3, 4] : [2, 3, 3]).map(
          (at) =>
            x!.values[
              flat(
                at.map((n, i) => (i === axis ? [2, 0, 2][n]! : n)),
                [2, 3, 4],
              )
            ]!,
        ),
    }),
  ),
  {
    name: "GlobalAveragePool",
    inputs: [[2, 3, 2, 4]],
    build: (graph, [x]) => graph.op("GlobalAveragePool", [x!]),
    plain: reduction([2, 3], (v) => sum(v) / v.length),
  },
  {
    name: "GlobalMaxPool",
    inputs: [[2, 3, 2, 4]],
    build: (graph, [x]) => graph.op("GlobalMaxPool", [x!]),
    plain: reduction([2, 3], (v) => Math.max(...v)),
  },
  conv("Conv 1x1", [2, 3, 4, 5], [4, 3, 1, 1], {}),
  conv("Conv 1x1, stride 2", [2, 3, 5, 4], [4, 3, 1, 1], { strides: [2, 2] }),
  conv("Conv 3x3", [2, 3, 5, 4], [4, 3, 3, 3], { pads: [1, 1, 1, 1] }),
  conv("Conv 3x3 of many channels", [1, 18, 3, 4], [2, 18, 3, 3], { pads: [1, 1, 1, 1] }),
  conv("Conv 3x3 of many channels, stride 2", [2, 17, 4, 3], [2, 17, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  conv("Conv 3x3, stride 2, odd side", [2, 3, 7, 5], [4, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  conv("Conv 3x3, stride 2, even side", [2, 3, 6, 8], [4, 3, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  conv("Conv 7x7, stride 2", [1, 2, 10, 9], [3, 2, 7, 7], { strides: [2, 2], pads: [3, 3, 3, 3] }),
  conv("Conv 2x3, no padding", [2, 2, 5, 6], [3, 2, 2, 3], { strides: [2, 1] }),
  conv("Conv 3x3, stride 2, padding as TensorFlow has it", [2, 2, 6, 6], [3, 2, 3, 3], {
    strides: [2, 2],
    pads: [0, 0, 1, 1],
    autoPad: "SAME_UPPER",
  }),
  conv("depthwise Conv 3x3", [2, 4, 5, 6], [4, 1, 3, 3], { pads: [1, 1, 1, 1], group: 4 }),
  conv("depthwise Conv 3x3, stride 2", [2, 4, 6, 5], [4, 1, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1], group: 4 }),
  conv("depthwise Conv 3x3, stride 2, padding as TensorFlow has it", [2, 4, 6, 6], [4, 1, 3, 3], {
    strides: [2, 2],
    pads: [0, 0, 1, 1],
    autoPad: "SAME_UPPER",
    group: 4,
  }),
];

/** The maximum of every window, from its definition. */
function maxPool(name: string, x: Dims, kernel: number, stride: number, pad: number, domain = (v: number) => v): Case {
  const [n, c, h, w] = x as [number, number, number, number];
  const side = (size: number) => Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    name,
    inputs: [x],
    domain,
    build: (graph, inputs) =>
      graph.op("MaxPool", inputs, {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pad, pad, pad, pad],
      }),
    plain: ([map]) =>
      positions([n, c, side(h), side(w)]).map(([image, channel, y, column]) => {
        const seen = positions([kernel, kernel])
          .map(([ky, kx]) => [y! * stride + ky! - pad, column! * stride + kx! - pad] as const)
          .filter(([row, col]) => row >= 0 && col >= 0 && row < h && col < w)
          .map(([row, col]) => map!.values[flat([image!, channel!, row, col], x)]!);
        return Math.max(...seen);
      }),
  };
}

export const POOLED: readonly Case[] = [
  maxPool("MaxPool 3x3, stride 2, as in a ResNet", [2, 2, 8, 6], 3, 2, 1),
  maxPool("MaxPool 3x3, stride 2, odd side", [2, 2, 7, 9], 3, 2, 1),
  maxPool("MaxPool 2x2, stride 2, a row left over", [1, 2, 5, 4], 2, 2, 0),
  maxPool("MaxPool 3x3, stride 1, below zero", [2, 2, 5, 4], 3, 1, 0, (v) => v - 2),
  maxPool("MaxPool 1x1, stride 2", [1, 2, 5, 6], 1, 2, 0),
];

/** The operators of transformers, from their definitions in float64. */
import type { Dims } from "../../../src/core/training/attributes.ts";
import { type Case, elementwise, flat, positions, sum } from "./gradientDefinitions.ts";

/** The matrices of two tensors multiplied, axes before them broadcast. */
function product(a: Dims, b: Dims): Case {
  const [rows, inner, columns] = [a.at(-2)!, a.at(-1)!, b.at(-1)!];
  const rank = Math.max(a.length, b.length) - 2;
  const padded = [a, b].map((dims) => [...Array<number>(rank + 2 - dims.length).fill(1), ...dims]);
  const before = Array.from({ length: rank }, (_, i) => Math.max(...padded.map((dims) => dims[i]!)));
  return {
    name: `MatMul of [${a}] and [${b}]`,
    inputs: [a, b],
    build: (graph, inputs) => graph.op("MatMul", inputs),
    plain: (tensors) =>
      positions([...before, rows, columns]).map((at) => {
        const [row, column] = at.slice(rank);
        const value = (side: 0 | 1, i: number, j: number) => {
          const place = at.slice(0, rank).map((n, axis) => (padded[side]![axis] === 1 ? 0 : n));
          return tensors[side]!.values[flat([...place, i, j], padded[side]!)]!;
        };
        return sum(Array.from({ length: inner }, (_, k) => value(0, row!, k) * value(1, k, column!)));
      }),
  };
}

/** A function of rows, the last axis. */
export const perRow = (values: readonly number[], length: number, f: (row: readonly number[]) => readonly number[]) =>
  Array.from({ length: values.length / length }, (_, i) => f(values.slice(i * length, (i + 1) * length))).flat();

function softmax(row: readonly number[]): readonly number[] {
  const powers = row.map(Math.exp);
  return powers.map((x) => x / sum(powers));
}

export function normalised(row: readonly number[], epsilon: number): readonly number[] {
  const mean = sum(row) / row.length;
  const variance = sum(row.map((x) => (x - mean) ** 2)) / row.length;
  return row.map((x) => (x - mean) / Math.sqrt(variance + epsilon));
}

function layerNormalization(epsilon: number | undefined, inputs: readonly Dims[]): Case {
  const length = inputs[0]!.at(-1)!;
  return {
    name: `LayerNormalization of ${inputs.length} inputs, epsilon ${epsilon ?? "as usual"}`,
    inputs,
    build: (graph, names) =>
      graph.op("LayerNormalization", names, epsilon === undefined ? {} : { axis: -1, epsilon: { float: epsilon } }),
    plain: ([x, scale, offset]) =>
      perRow(x!.values, length, (row) =>
        normalised(row, epsilon ?? 1e-5).map((n, i) => n * scale!.values[i]! + (offset?.values[i] ?? 0)),
      ),
  };
}

/** The integral of the bell curve by Simpson's rule: no library of numbers has it. */
export function erf(x: number): number {
  const steps = 400;
  const bell = (i: number) => Math.exp(-(((x * i) / steps) ** 2));
  const inner = Array.from({ length: steps - 1 }, (_, i) => (i % 2 === 0 ? 4 : 2) * bell(i + 1));
  return (2 / Math.sqrt(Math.PI)) * (x / steps / 3) * (bell(0) + sum(inner) + bell(steps));
}

const cut: Dims = [2, 5, 3];
const padded: Dims = [2, 3];

export const ATTENTION: readonly Case[] = [
  product([2, 3, 4], [4, 2]),
  product([2, 2, 3, 4], [2, 2, 4, 3]),
  product([1, 2, 1, 4], [3, 2, 4, 2]),
  product([3, 4], [2, 4, 2]),
  {
    name: "Softmax",
    inputs: [[2, 2, 4]],
    domain: (x) => 3 * x,
    build: (graph, [x]) => graph.op("Softmax", [x!], { axis: -1 }),
    plain: ([x]) => perRow(x!.values, 4, softmax),
  },
  layerNormalization(1e-6, [[2, 3, 5], [5], [5]]),
  layerNormalization(undefined, [[4, 6], [6]]),
  { name: "Tanh", inputs: [[3, 4]], build: (graph, [x]) => graph.op("Tanh", [x!]), plain: elementwise(Math.tanh) },
  { name: "Erf", inputs: [[3, 4]], build: (graph, [x]) => graph.op("Erf", [x!]), plain: elementwise(erf) },
  {
    name: "Slice of places counted from the end",
    inputs: [cut],
    build: (graph, [x]) => graph.op("Slice", [x!, graph.ints([-4, 1]), graph.ints([99, 2]), graph.ints([1, 2])]),
    plain: ([x]) => positions([2, 4, 1]).map(([i, j]) => x!.values[flat([i!, j! + 1, 1], cut)]!),
  },
  {
    name: "Pad",
    inputs: [padded],
    build: (graph, [x]) => graph.op("Pad", [x!, graph.ints([1, 0, 0, 2])]),
    plain: ([x]) => positions([3, 5]).map(([i, j]) => (i! > 0 && j! < 3 ? x!.values[(i! - 1) * 3 + j!]! : 0)),
  },
];

import { axisOf, intsOf } from "../attributes.ts";
import { padsOf, slicesOf } from "../shapes.ts";
import type { Backward, GradientRule } from "./rule.ts";

/** Brings the gradient back to the sizes of the input. */
const reshape: GradientRule = ({ graph, gradient, inputs, dims }) => [
  graph.op("Reshape", [gradient, graph.ints(dims(inputs[0]!))]),
];

const transpose: GradientRule = ({ graph, node, gradient, inputs, dims }) => {
  const rank = dims(inputs[0]!).length;
  const perm = intsOf(node, "perm") ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return [graph.op("Transpose", [gradient], { perm: perm.map((_, axis) => perm.indexOf(axis)) })];
};

const concat: GradientRule = (b) => {
  const axis = axisOf(b.node, b.dims(b.output).length, 0);
  let start = 0;
  return b.inputs.map((input, i) => {
    const begin = start;
    start += b.dims(input)[axis]!;
    return b.needs(i) ? slice(b, b.gradient, axis, begin, start) : undefined;
  });
};

function slice({ graph }: Backward, value: string, axis: number, start: number, end: number): string {
  return graph.op("Slice", [value, graph.ints([start]), graph.ints([end]), graph.ints([axis])]);
}

/** Picking with fixed indices along an axis is a product with a matrix of zeros and ones; so is its gradient. */
const gather: GradientRule = ({ graph, node, view, gradient, inputs, dims }) => {
  const indices = view.ints(inputs[1]!);
  const from = dims(inputs[0]!);
  const axis = axisOf(node, from.length, 0);
  if (indices === undefined || dims(inputs[1]!).length !== 1) return "indices that are no constant vector";
  const size = from[axis]!;
  const picked = new Float32Array(indices.length * size);
  for (const [row, index] of indices.entries()) picked[row * size + (index < 0 ? index + size : index)] = 1;
  // The axis goes last, where a product can reach it, and back.
  const swap = from.map((_, i) => i);
  [swap[axis], swap[from.length - 1]] = [from.length - 1, axis];
  const last = axis === from.length - 1;
  const moved = last ? gradient : graph.op("Transpose", [gradient], { perm: swap });
  const spread = graph.op("MatMul", [moved, graph.floats(picked, [indices.length, size])]);
  return [last ? spread : graph.op("Transpose", [spread], { perm: swap })];
};

/** What was cut out goes back to its place, among zeros. */
const cut: GradientRule = ({ graph, node, view, gradient, inputs, dims }) => {
  const from = dims(inputs[0]!);
  const slices = slicesOf(node, from, view);
  if (slices === undefined) return "with bounds that are no constants, or steps other than 1";
  const before = slices.map(([start]) => start);
  const behind = slices.map(([, end], axis) => from[axis]! - end);
  return [graph.op("Pad", [gradient, graph.ints([...before, ...behind])])];
};

/** Of padding with a constant: what was there before. */
const pad: GradientRule = ({ graph, node, view, gradient, inputs, dims }) => {
  const from = dims(inputs[0]!);
  const pads = padsOf(node, from, view);
  if (pads === undefined) return "that does not fill with a constant";
  const start = pads.slice(0, from.length);
  const end = from.map((n, axis) => n + start[axis]!);
  return [graph.op("Slice", [gradient, graph.ints(start), graph.ints(end), graph.ints([...from.keys()])])];
};

export const LAYOUT: Readonly<Record<string, GradientRule>> = {
  Reshape: reshape,
  Flatten: reshape,
  Transpose: transpose,
  Concat: concat,
  Gather: gather,
  Slice: cut,
  Pad: pad,
};

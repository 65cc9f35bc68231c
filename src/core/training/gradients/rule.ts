import type { NodeProto } from "onnx-buf";
import type { GraphBuilder, GraphView } from "../../onnx/index.ts";
import { type Dims, sizeOf } from "../attributes.ts";

/** What a rule works with: a node of the forward graph, and the gradient of its output. */
export interface Backward {
  /** Holds the forward graph; the rule adds its nodes. */
  readonly graph: GraphBuilder;
  readonly view: GraphView;
  readonly node: NodeProto;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Of the loss with respect to the output. */
  readonly gradient: string;
  /** Whether an input leads to a parameter. */
  needs(input: number): boolean;
  dims(value: string): Dims;
}

/**
 * Adds the gradient nodes of an operator.
 * @returns per input the gradient of the loss with respect to it; undefined where `needs` says no. Or the reason in
 *   plain words why this node cannot be differentiated
 */
export type GradientRule = (backward: Backward) => readonly (string | undefined)[] | string;

/** Sums a gradient over the axes along which its value was broadcast. */
export function unbroadcast(
  { graph, dims }: Pick<Backward, "graph" | "dims">,
  gradient: string,
  from: Dims,
  value: string,
): string {
  const to = dims(value);
  const extra = from.length - to.length;
  const axes = from.flatMap((n, i) => (i < extra || (to[i - extra] === 1 && n !== 1) ? [i] : []));
  if (axes.length === 0 && extra === 0) return gradient;
  const summed = axes.length === 0 ? gradient : graph.op("ReduceSum", [gradient, graph.ints(axes)], { keepdims: 1 });
  return extra === 0 ? summed : graph.op("Reshape", [summed, graph.ints(to)]);
}

/** The sum of one value or more. Not by the operator Sum: WebGPU lacks it, and it would run on the CPU. */
export function addUp(graph: GraphBuilder, values: readonly string[]): string {
  return values.reduce((sum, value) => graph.op("Add", [sum, value]));
}

/** 1 where a comparison holds, else 0. */
export function mask(graph: GraphBuilder, comparison: "Greater" | "Less" | "Equal", a: string, b: string): string {
  return graph.op("Cast", [graph.op(comparison, [a, b])], { to: 1 });
}

/** Repeats a value of the same rank along its axes of size 1. */
export function expand({ graph }: Pick<Backward, "graph">, value: string, dims: Dims): string {
  return graph.op("Expand", [value, graph.ints(dims)]);
}

export { sizeOf };

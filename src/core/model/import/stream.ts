import type { NodeProto } from "onnx-buf";
import { attributeOf, type ForeignGraph, valuesFrom } from "./graph.ts";
import type { Measured } from "./measure.ts";

/** Sums of a block's input and what the block makes of it, alone or with the norm that follows in one operator. */
const SUMS = /^(Add|Sum|SkipLayerNormalization|SkipSimplifiedLayerNormalization)$/;

/** What a norm is made of, written out or in one operator, and what changes no position. */
const NORMS =
  /^(LayerNormalization|SimplifiedLayerNormalization|GroupNormalization|Identity|Cast|QuantizeLinear|DequantizeLinear|ReduceMean|Sub|Pow|Sqrt|Reciprocal|Div|Mul|Add)$/;

type Shapes = ReadonlyMap<string, Measured>;

/**
 * The values on the main line of a network of blocks, x + f(x), from the first to the last; of the last one, with the
 * norm behind it. Queries, keys, gates and hidden layers do not lie on it.
 * @param shapes of the values with a row of tokens or a map
 */
export function mainLine(graph: ForeignGraph, input: string, shapes: Shapes): string[] {
  const dependent = valuesFrom(graph, input);
  const spatial = (name: string) => [3, 4].includes(shapes.get(name)?.dims.length ?? 0);
  const sums = graph.nodes.filter((node) => {
    if (!SUMS.test(node.opType)) return false;
    const parts = node.input.slice(0, 2).filter((name) => dependent.has(name));
    const made = node.output.find(spatial);
    if (parts.length < 2 || made === undefined) return false;
    const dims = shapes.get(made)!.dims.join();
    return parts.every((name) => shapes.get(name)?.dims.join() === dims);
  });
  const line = sums.flatMap((node) => node.output.filter(spatial));
  const last = line.at(-1);
  if (last === undefined) return [];
  const normed = normsBehind(graph, last, shapes);
  // Some keep the images behind the tokens, [T, N, C], and turn them round at the end.
  const turned = turnedRound(graph, new Set([...line, ...normed]));
  const final = turned.at(-1);
  return [...line, ...normed, ...turned, ...(final === undefined ? [] : normsBehind(graph, final, shapes))];
}

/** What swaps the first two axes of one of the values. */
function turnedRound({ nodes }: ForeignGraph, values: ReadonlySet<string>): string[] {
  const swaps = (node: NodeProto) =>
    node.opType === "Transpose" &&
    values.has(node.input[0] ?? "") &&
    attributeOf(node, "perm")?.ints.join() === "1,0,2";
  return nodes.filter(swaps).flatMap(({ output }) => output);
}

/** Values of the same shape that norms make of a value, in order. */
function normsBehind(graph: ForeignGraph, value: string, shapes: Shapes): string[] {
  const dims = shapes.get(value)!.dims.join();
  const later = valuesFrom(graph, value);
  const made = new Set([value]);
  const normed: string[] = [];
  const own = (node: NodeProto) => node.input.every((name) => made.has(name) || !later.has(name));
  for (const node of graph.nodes) {
    if (!NORMS.test(node.opType) || !node.input.some((name) => made.has(name)) || !own(node)) continue;
    for (const output of node.output) made.add(output);
    const output = node.output[0] ?? "";
    if (shapes.get(output)?.dims.join() === dims) normed.push(output);
  }
  // Between its operators a norm that is written out makes values of the same shape that mean nothing by themselves.
  const end = normed.at(-1);
  return end === undefined ? [] : [end];
}

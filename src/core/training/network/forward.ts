import { create } from "@bufbuild/protobuf";
import { type NodeProto, NodeProtoSchema } from "onnx-buf";
import type { GraphBuilder } from "../../onnx/index.ts";
import { addBatchNorm, type NormalisedConv } from "./batchNorm.ts";
import { adaptedOf, addLowRank } from "./lowRank.ts";
import { LEAST_P } from "./modelWriter.ts";
import type { Network } from "./prepare.ts";
import type { Trained } from "./trainable.ts";

/**
 * Puts a network into the graph of a step: what is trained becomes inputs, which the caller adds; outputs that no loss
 * reads stay away.
 * @param norms convolutions that get a batch norm
 */
export function adoptForward(
  graph: GraphBuilder,
  { graph: base }: Network,
  { names, exponents, adapters }: Trained,
  norms: readonly NormalisedConv[],
): void {
  const inverses = new Set(exponents.map(({ inverse }) => inverse));
  const fixed = base.initializer.filter(({ name }) => !names.has(name) && !inverses.has(name));
  graph.adopt([], fixed);
  // A learned exponent stays positive, and its inverse follows it.
  const bounded = new Map(
    exponents.map(({ p, inverse }) => {
      const positive = graph.op("Max", [p, graph.scalar(LEAST_P)]);
      graph.op("Div", [graph.scalar(1), positive], {}, inverse);
      return [p, positive];
    }),
  );
  for (const adapter of adapters) addLowRank(graph, adapter);
  const adapted = new Map(adapters.map((adapter) => [adapter.weights, adaptedOf(adapter)]));
  const normalised = new Map(norms.map((conv) => [conv.node, conv]));
  for (const node of base.node) {
    const output = node.output[0] ?? "";
    if (/^features(_\d+)?$/.test(output)) continue;
    const conv = normalised.get(node);
    if (conv === undefined) graph.adopt([withInputs(node, node.opType === "Pow" ? bounded : adapted)], []);
    else {
      const raw = `${output}/raw`;
      graph.adopt([create(NodeProtoSchema, { ...node, name: raw, input: node.input.slice(0, 2), output: [raw] })], []);
      addBatchNorm(graph, conv, raw, output);
    }
  }
}

/** Only powers read an exponent, and no power a matrix. */
function withInputs(node: NodeProto, others: ReadonlyMap<string, string>): NodeProto {
  if (!node.input.some((name) => others.has(name))) return node;
  return create(NodeProtoSchema, { ...node, input: node.input.map((name) => others.get(name) ?? name) });
}

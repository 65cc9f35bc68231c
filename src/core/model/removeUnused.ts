import type { GraphProto, NodeProto } from "onnx-buf";

/** Drops nodes and constants whose results nobody uses; the nodes are in the order of their use, as ONNX demands. */
export function removeUnused(graph: GraphProto): void {
  const used = new Set(graph.output.map((output) => output.name));
  const kept: NodeProto[] = [];
  for (const node of graph.node.toReversed()) {
    if (!node.output.some((output) => used.has(output))) continue;
    for (const input of node.input) used.add(input);
    kept.push(node);
  }
  graph.node = kept.reverse();
  graph.initializer = graph.initializer.filter((tensor) => used.has(tensor.name));
}

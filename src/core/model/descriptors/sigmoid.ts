import type { GraphBuilder } from "../../onnx/index.ts";

/** 1 / (1 + e^80) is 2e-35: small enough to be nothing, and e^80 is still a float32. */
const LOWEST = -80;

/**
 * Sigmoid from its definition. The operator of that name is an approximation on the CPU, 17 % off at -15, which counts
 * here because what it weighs is normalised afterwards.
 */
export function addSigmoid(graph: GraphBuilder, logits: string): string {
  const one = graph.scalar(1);
  const negated = graph.op("Neg", [graph.op("Max", [logits, graph.scalar(LOWEST)])]);
  return graph.op("Div", [one, graph.op("Add", [one, graph.op("Exp", [negated])])]);
}

import type { DescriptorKind } from "../../shared/index.ts";
import type { GraphBuilder } from "./onnx/index.ts";

/**
 * A global descriptor pools a feature map `[N, C, h, w]` to `[N, C]`: f_c = (mean over positions of x^p)^(1/p), where
 * SPoC is p = 1, MAC is p towards infinity, and GeM lies between (arXiv 1903.10663, section 3.2).
 * Primitive operators only: each of them exists on every execution provider.
 */
export function addDescriptor(graph: GraphBuilder, kind: DescriptorKind, features: string, p: number): string {
  switch (kind) {
    case "SPoC":
      return graph.op("Flatten", [graph.op("GlobalAveragePool", [features])]);
    case "MAC":
      return graph.op("Flatten", [graph.op("GlobalMaxPool", [features])]);
    case "GeM": {
      // x^p is only defined for x >= 0; the floor also keeps a later gradient finite.
      const positive = graph.op("Max", [features, graph.scalar(1e-6)]);
      const mean = graph.op("GlobalAveragePool", [graph.op("Pow", [positive, graph.scalar(p)])]);
      return graph.op("Flatten", [graph.op("Pow", [mean, graph.scalar(1 / p)])]);
    }
    case "Vector":
      // The network has pooled already: `[N, C]` or `[N, C, 1, 1]`.
      return graph.op("Flatten", [features]);
  }
}

/** FC without bias: `[N, C]` times `[C, d]`. @param weights float32 `[C, d]`, row by row */
export function addFc(graph: GraphBuilder, pooled: string, weights: Float32Array, c: number, d: number): string {
  return graph.op("MatMul", [pooled, graph.floats(weights, [c, d])]);
}

/** Brings each row of `[N, d]` to norm 1; a zero row stays zero instead of becoming NaN. */
export function addL2(graph: GraphBuilder, rows: string, output: string): string {
  const norm = graph.op("ReduceL2", [rows], { axes: [1], keepdims: 1 });
  return graph.op("Div", [rows, graph.op("Max", [norm, graph.scalar(1e-12)])], {}, output);
}

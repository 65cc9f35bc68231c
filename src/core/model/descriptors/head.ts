import { COMBINED } from "../../../shared/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";
import { addWeights } from "./weights.ts";

/** The FC of a branch. */
export interface Fc {
  /** Float32 `[C, dim]`, row by row. */
  readonly weights: Float32Array;
  /** Float32 `[dim]`. CGD's FC has none; a head that subtracts a mean carries it here. */
  readonly bias?: Float32Array;
  /** Length of the embedding. */
  readonly dim: number;
}

/** Adds an FC. @param pooled float32 `[N, C]` @returns `[N, dim]` */
export function addFc(graph: GraphBuilder, pooled: string, channels: number, { weights, bias, dim }: Fc): string {
  const product = graph.op("MatMul", [pooled, addWeights(graph, "weights of the FC", weights, [channels, dim])]);
  return bias === undefined ? product : graph.op("Add", [product, addWeights(graph, "bias of the FC", bias, [dim])]);
}

/** Brings each row of `[N, d]` to norm 1; a zero row stays zero instead of becoming NaN. */
export function addL2(graph: GraphBuilder, rows: string, output?: string): string {
  return addUnitLength(graph, rows, output);
}

/** Brings vectors along axis 1 to norm 1; zero vectors stay zero. */
export function addUnitLength(graph: GraphBuilder, vectors: string, output?: string): string {
  const norm = graph.op("ReduceL2", [vectors], { axes: [1], keepdims: 1 });
  return graph.op("Div", [vectors, graph.op("Max", [norm, graph.scalar(1e-12)])], {}, output);
}

/** The combined embedding: the branches side by side, brought to norm 1. @param branches names and lengths of the outputs */
export function addCombined(graph: GraphBuilder, branches: readonly { name: string; dim: number }[]): void {
  const names = branches.map((branch) => branch.name);
  addL2(graph, graph.op("Concat", names, { axis: 1 }), COMBINED);
  graph.output(COMBINED, "float32", ["N", branches.reduce((sum, branch) => sum + branch.dim, 0)]);
}

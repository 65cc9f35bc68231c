import type { GraphBuilder } from "../../onnx/index.ts";

/** Squared distances below this count as this: the root of zero has no gradient, so coincident images would give NaN. */
const LEAST_SQUARED = 1e-6;

/** All pairs of a batch of n images, as n x n matrices of float32. */
export interface Pairs {
  readonly n: number;
  /** Cosine. */
  readonly similarity: string;
  /** Euclidean distance of the embeddings, 0.001..2. */
  readonly distance: string;
  /** 1 for two different images of one class, else 0. */
  readonly positive: string;
  /** 1 for two images of different classes, else 0. */
  readonly negative: string;
}

/**
 * @param embeddings `[n, d]`, rows of norm 1, for which |a - b|^2 = 2 - 2 cos(a, b)
 * @param labels float32 `[n]`
 */
export function addPairs(graph: GraphBuilder, embeddings: string, labels: string, n: number): Pairs {
  const similarity = graph.op("Gemm", [embeddings, embeddings], { transB: 1 });
  const doubled = graph.op("Mul", [similarity, graph.scalar(2)]);
  const squared = graph.op("Max", [graph.op("Sub", [graph.scalar(2), doubled]), graph.scalar(LEAST_SQUARED)]);
  const [column, row] = [
    [n, 1],
    [1, n],
  ].map((dims) => graph.op("Reshape", [labels, graph.ints(dims)]));
  const same = graph.op("Cast", [graph.op("Equal", [column!, row!])], { to: 1 });
  const diagonal = Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  return {
    n,
    similarity,
    distance: graph.op("Sqrt", [squared]),
    positive: graph.op("Sub", [same, graph.floats(diagonal, [n, n])]),
    negative: graph.op("Sub", [graph.scalar(1), same]),
  };
}

/** The sum of all values, a scalar. */
export function addTotal(graph: GraphBuilder, value: string): string {
  return graph.op("ReduceSum", [value], { keepdims: 0 });
}

/** Along each row, `[n, 1]`. */
export function addRowSum(graph: GraphBuilder, value: string): string {
  return graph.op("ReduceSum", [value, graph.ints([1])], { keepdims: 1 });
}

/** 1 where a value is above a bound, else 0. */
export function addAbove(graph: GraphBuilder, value: string, bound: string): string {
  return graph.op("Cast", [graph.op("Greater", [value, bound])], { to: 1 });
}

/** A sum over a count, and 0 where nothing was counted. */
export function addShare(graph: GraphBuilder, sum: string, count: string): string {
  return graph.op("Div", [sum, graph.op("Max", [count, graph.scalar(1)])]);
}

import { GraphBuilder } from "../onnx/index.ts";

/**
 * The graph of an exact neighbour search for many queries at once. Inputs per branch b: `query_b` `[Q, d]` and `gallery_b`
 * `[N, d]`, rows of norm 1; and `k` `[1]`. Outputs per column c (the branches, then combined): `best_c` float32 and `top_c`
 * int64, both `[Q, k]`, from the best score down.
 * @param branches number of branches
 */
export function neighbourGraph(branches: number): Uint8Array {
  const graph = new GraphBuilder("neighbours");
  const k = graph.input("k", "int64", [1]);
  const scores = allScores(graph, branches);
  for (const [column, score] of scores.entries()) {
    graph.ops("TopK", [score, k], { axis: 1 }, [`best_${column}`, `top_${column}`]);
    graph.output(`best_${column}`, "float32", ["Q", "k"]);
    graph.output(`top_${column}`, "int64", ["Q", "k"]);
  }
  return graph.encode();
}

/** The same without the choice of the best: outputs `scores_c` float32 `[Q, N]`. */
export function scoreGraph(branches: number): Uint8Array {
  const graph = new GraphBuilder("scores");
  for (const score of allScores(graph, branches)) graph.output(score, "float32", ["Q", "N"]);
  return graph.encode();
}

function allScores(graph: GraphBuilder, branches: number): string[] {
  const scores = Array.from({ length: branches }, (_, b) => {
    const query = graph.input(`query_${b}`, "float32", ["Q", `d${b}`]);
    const gallery = graph.input(`gallery_${b}`, "float32", ["N", `d${b}`]);
    return graph.op("Gemm", [query, gallery], { transB: 1 }, `scores_${b}`);
  });
  // Every branch has norm 1, so the cosine of the combined embeddings is the mean of the branch cosines.
  return [...scores, graph.op("Mean", scores, {}, `scores_${branches}`)];
}

import { GraphBuilder } from "../onnx/index.ts";
import { BLOCK_ROWS } from "./gallery.ts";

/**
 * The graph of an exact search. Inputs per branch b: `query_b` `[1, d]` of norm 1, `gallery_b` `[n, d, BLOCK_ROWS]`, the
 * matrix of a gallery, and `share_b` `[1]`, the branch's share in combined. Outputs per column c (the branches, then
 * combined): `scores_c` `[n * BLOCK_ROWS]`.
 * The galleries are inputs, not constants: nothing is copied, and they may grow between two runs.
 * @param branches number of branches
 */
export function searchGraph(branches: number): Uint8Array {
  const graph = new GraphBuilder("search");
  const flat = graph.ints([-1]);
  const scores = Array.from({ length: branches }, (_, b) => {
    const query = graph.input(`query_${b}`, "float32", [1, `d${b}`]);
    const gallery = graph.input(`gallery_${b}`, "float32", ["n", `d${b}`, BLOCK_ROWS]);
    return graph.op("Reshape", [graph.op("MatMul", [query, gallery]), flat], {}, `scores_${b}`);
  });
  // Every branch has norm 1, so the cosine of the combined embeddings is the mean of the branch cosines; with each
  // branch scaled by the square root of its weight before the concatenation it is the weighted mean.
  const parts = scores.map((score, b) => graph.op("Mul", [score, graph.input(`share_${b}`, "float32", [1])]));
  scores.push(graph.op("Sum", parts, {}, `scores_${branches}`));
  for (const column of scores.keys()) graph.output(`scores_${column}`, "float32", ["rows"]);
  return graph.encode();
}

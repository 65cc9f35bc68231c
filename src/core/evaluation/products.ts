import { setImmediate } from "node:timers/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { GraphBuilder } from "../onnx/index.ts";
import type { ScoreBlock } from "./blockRanker.ts";
import type { EvaluationOptions, RetrievalTask } from "./task.ts";

/** Scores of one branch in a block, 64 MB, and of all blocks that are held, 512 MB. */
const SCORES_AT_A_TIME = 2 ** 24;
const SCORES_AT_ALL = 2 ** 27;
/** A run cannot be stopped: more queries would only make cancelling slower. */
const MAX_QUERIES = 256;

/** Room for the scores of a block, per branch. @param held how many such blocks there will be */
export function blockMemory({ dims, gallery }: RetrievalTask, queries: Int32Array, held: number): Float32Array[] {
  const found = Math.max(1, gallery.length);
  const most = Math.min(SCORES_AT_A_TIME, SCORES_AT_ALL / (held * dims.length));
  const size = Math.max(1, Math.min(MAX_QUERIES, queries.length, Math.floor(most / found)));
  return dims.map(() => new Float32Array(size * gallery.length));
}

/**
 * All cosines of the queries with the gallery, some queries at a time: one Gemm per branch in onnxruntime.
 * @param memory as `blockMemory` makes it, asked for before each block; it says how many queries that has
 */
export async function* scoreBlocks(
  { dims, matrices, count: rows, gallery }: RetrievalTask,
  queries: Int32Array,
  memory: () => Promise<readonly Float32Array[]>,
  { signal, onProgress }: EvaluationOptions,
): AsyncGenerator<ScoreBlock> {
  const found = gallery.length;
  if (found === 0 || queries.length === 0) return;
  const session = await InferenceSession.create(productGraph(dims.length), {
    executionProviders: ["cpu"],
    // A thread that waits for the others leaves its core to the ranking.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  try {
    const galleries = dims.map((dim, b) => {
      const matrix = found === rows ? matrices[b]! : gather(matrices[b]!, dim, gallery);
      return new Tensor("float32", matrix, [found, dim]);
    });
    for (let start = 0, count = 0; start < queries.length; start += count) {
      signal?.throwIfAborted();
      const room = await memory();
      count = Math.min(room[0]!.length / found, queries.length - start);
      const feeds: Record<string, Tensor> = {};
      const outputs: Record<string, Tensor> = {};
      const scores = room.map((values) => values.subarray(0, count * found));
      for (const [b, dim] of dims.entries()) {
        const asked = gather(matrices[b]!, dim, queries.subarray(start, start + count));
        feeds[`query_${b}`] = new Tensor("float32", asked, [count, dim]);
        feeds[`gallery_${b}`] = galleries[b]!;
        outputs[`scores_${b}`] = new Tensor("float32", scores[b]!, [count, found]);
      }
      await session.run(feeds, outputs);
      yield { start, count, scores };
      onProgress?.(start + count, queries.length);
      // The run held the event loop; whoever waits (a query, a cancel) goes first.
      await setImmediate();
    }
  } finally {
    await session.release();
  }
}

/** Inputs per branch b: `query_b` `[Q, d]`, `gallery_b` `[N, d]`; outputs `scores_b` `[Q, N]`. */
export function productGraph(branches: number): Uint8Array {
  const graph = new GraphBuilder("products");
  for (let b = 0; b < branches; b++) {
    const query = graph.input(`query_${b}`, "float32", ["Q", `d${b}`]);
    const gallery = graph.input(`gallery_${b}`, "float32", ["N", `d${b}`]);
    graph.output(graph.op("Gemm", [query, gallery], { transB: 1 }, `scores_${b}`), "float32", ["Q", "N"]);
  }
  return graph.encode();
}

function gather(matrix: Float32Array, dim: number, rows: Int32Array): Float32Array {
  const picked = new Float32Array(rows.length * dim);
  for (const [i, row] of rows.entries()) picked.set(matrix.subarray(row * dim, (row + 1) * dim), i * dim);
  return picked;
}

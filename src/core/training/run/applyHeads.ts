import { setImmediate } from "node:timers/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { addL2, type Head } from "../../model/index.ts";
import type { Rows } from "../../neighbours/index.ts";
import { GraphBuilder } from "../../onnx/index.ts";

/** Rows at a time: a run cannot be stopped. */
const CHUNK = 1024;

/**
 * Embeddings behind the heads: per branch y = x W + b, then L2.
 * @param heads one per branch; null leaves a branch as it is
 * @throws the signal's reason where that aborts
 */
export async function applyHeads(heads: readonly (Head | null)[], rows: Rows, signal?: AbortSignal): Promise<Rows> {
  const dims = heads.map((head, b) => head?.dim ?? rows.dims[b]!);
  const matrices = dims.map((dim) => new Float32Array(rows.count * dim));
  for (const [b, head] of heads.entries()) {
    const d = rows.dims[b]!;
    if (head === null) {
      matrices[b]!.set(rows.matrices[b]!.subarray(0, rows.count * d));
      continue;
    }
    const graph = new GraphBuilder("head");
    const product = graph.op("MatMul", [
      graph.input("x", "float32", ["N", d]),
      graph.floats(head.weights, [d, head.dim]),
    ]);
    addL2(graph, graph.op("Add", [product, graph.floats(head.bias, [head.dim])]), "y");
    graph.output("y", "float32", ["N", head.dim]);
    const session = await InferenceSession.create(graph.encode(), { executionProviders: ["cpu"] });
    try {
      for (let start = 0; start < rows.count; start += CHUNK) {
        signal?.throwIfAborted();
        const n = Math.min(CHUNK, rows.count - start);
        const x = new Tensor("float32", rows.matrices[b]!.subarray(start * d, (start + n) * d), [n, d]);
        matrices[b]!.set((await session.run({ x }))["y"]!.data as Float32Array, start * head.dim);
        await setImmediate();
      }
    } finally {
      await session.release();
    }
  }
  return { count: rows.count, dims, matrices };
}

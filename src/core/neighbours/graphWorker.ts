/** A worker thread that holds the HNSW graph of one column and answers in the order in which it is asked. */
import { parentPort, workerData } from "node:worker_threads";
import { loadUsearch, NativeIndex } from "../hnsw/index.ts";

export interface GraphWorkerData {
  readonly dim: number;
  readonly searchExpansion: number;
}

/** @property vectors float32 `[count, dim]`, the receiver's own */
export type GraphRequest =
  | { readonly kind: "add"; readonly rows: Int32Array; readonly vectors: Float32Array }
  | { readonly kind: "find"; readonly k: number; readonly vectors: Float32Array };

/** Rows about nearest to each vector asked for, int32 `[count, k]`, -1 where fewer were found; empty after adding. */
export type GraphReply = Int32Array;

const port = parentPort;
if (port === null) throw new Error("graphWorker runs in a worker thread");
const { dim, searchExpansion } = workerData as GraphWorkerData;
const usearch = await loadUsearch();
if (usearch === null) throw new Error("usearch cannot be loaded");
const index = NativeIndex.empty(usearch, dim, { searchExpansion, builders: 1 });

port.on("message", (request: GraphRequest) => {
  const found = answer(request);
  port.postMessage(found satisfies GraphReply, [found.buffer as ArrayBuffer]);
});

function answer(request: GraphRequest): Int32Array {
  const { vectors } = request;
  if (request.kind === "add") {
    index.add(BigUint64Array.from(request.rows, BigInt), vectors);
    return new Int32Array(0);
  }
  const { k } = request;
  const found = new Int32Array((vectors.length / dim) * k).fill(-1);
  for (let q = 0; q * dim < vectors.length; q++) {
    const { keys } = index.nearest(vectors.subarray(q * dim, (q + 1) * dim), k);
    for (const [j, key] of keys.entries()) found[q * k + j] = Number(key);
  }
  return found;
}

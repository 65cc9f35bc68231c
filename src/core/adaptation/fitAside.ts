import { Worker } from "node:worker_threads";
import type { Head } from "../model/index.ts";
import type { FitOptions } from "./fitHead.ts";
import type { FitReply, FitWork } from "./fitWorker.ts";

/** The sources run as they are; in the bundle every chunk lies one folder beside the worker's. */
const WORKER = import.meta.url.endsWith(".ts")
  ? new URL("./fitWorker.ts", import.meta.url)
  : new URL("../adaptation/fitWorker.mjs", import.meta.url);

/**
 * `fitHead` in a worker thread of its own: this one goes on answering meanwhile, and several run at once. The same bits.
 * @param pictures float32 `[n, d]`, given away
 * @param views float32 `[n * v, d]`, given away
 * @throws the signal's reason; Error where the worker fails
 */
export async function fitAside(
  pictures: Float32Array<ArrayBuffer>,
  views: Float32Array<ArrayBuffer>,
  d: number,
  options: FitOptions,
  signal?: AbortSignal,
): Promise<Head | null> {
  signal?.throwIfAborted();
  const workerData: FitWork = { pictures, views, d, options };
  const worker = new Worker(WORKER, { workerData, transferList: [pictures.buffer, views.buffer] });
  let abort = () => {};
  try {
    return await new Promise<Head | null>((resolve, reject) => {
      abort = () => reject(signal?.reason);
      signal?.addEventListener("abort", abort);
      worker.on("message", (head: FitReply) => resolve(head));
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new Error(`The thread that fits the model to the folder ended (${code}).`)));
    });
  } finally {
    signal?.removeEventListener("abort", abort);
    await worker.terminate();
  }
}

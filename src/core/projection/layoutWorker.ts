/** A worker thread that makes one map and ends. It loads no native module: terminating onnxruntime would abort the process. */
import { parentPort, workerData } from "node:worker_threads";
import { type LayoutTask, runLayout } from "./layoutTask.ts";

/** What the worker tells; points are float32 `[count, 2]`. */
export type LayoutMessage =
  | { readonly kind: "epoch"; readonly points: Float32Array; readonly done: number }
  | { readonly kind: "end"; readonly points: Float32Array };

/** Milliseconds between two pictures of a growing map. */
const INTERVAL = 200;

const port = parentPort;
if (port === null) throw new Error("layoutWorker runs in a worker thread");
let last = performance.now();
const points = runLayout(workerData as LayoutTask, (growing, epoch, epochs) => {
  if (performance.now() - last < INTERVAL) return;
  last = performance.now();
  const copy = growing.slice();
  port.postMessage({ kind: "epoch", points: copy, done: epoch / epochs } satisfies LayoutMessage, [copy.buffer]);
});
port.postMessage({ kind: "end", points } satisfies LayoutMessage, [points.buffer as ArrayBuffer]);

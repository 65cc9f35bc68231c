import { Worker } from "node:worker_threads";
import pLimit from "p-limit";
import { ProjectionError } from "./errors.ts";
import type { LayoutTask } from "./layoutTask.ts";
import type { LayoutMessage } from "./layoutWorker.ts";

/** Maps that are made at the same time. */
const WORKERS = 2;

/** The sources run as they are; in the bundle every chunk lies one folder beside the worker's. */
const WORKER = import.meta.url.endsWith(".ts")
  ? new URL("./layoutWorker.ts", import.meta.url)
  : new URL("../projection/layoutWorker.mjs", import.meta.url);

/** @param points float32 `[count, 2]`, the receiver's own  @param done 0..1 */
export type OnGrowing = (points: Float32Array, done: number) => void;

/** Makes maps in worker threads, two at a time; an abort terminates them at once. */
export class LayoutPool {
  readonly #turn = pLimit(WORKERS);
  readonly #signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** @throws the signal's reason, or ProjectionError where the worker fails */
  run(task: LayoutTask, onGrowing: OnGrowing): Promise<Float32Array> {
    return this.#turn(() => this.#work(task, onGrowing));
  }

  async #work(task: LayoutTask, onGrowing: OnGrowing): Promise<Float32Array> {
    const signal = this.#signal;
    signal?.throwIfAborted();
    const worker = new Worker(WORKER, { workerData: task });
    let abort = () => {};
    const ended = new Promise<Float32Array>((resolve, reject) => {
      abort = () => reject(signal?.reason);
      worker.on("message", (message: LayoutMessage) => {
        if (message.kind === "end") resolve(message.points);
        else onGrowing(message.points, message.done);
      });
      worker.on("error", (error: Error) => {
        reject(new ProjectionError(`A map could not be made: ${error.message}.`, { cause: error }));
      });
      worker.on("exit", (code) => {
        reject(new ProjectionError(`A map could not be made: its worker ended with code ${code}. Try again.`));
      });
    });
    signal?.addEventListener("abort", abort);
    try {
      return await ended;
    } finally {
      signal?.removeEventListener("abort", abort);
      // Before anything else goes on: after a cancel no picture may follow.
      await worker.terminate();
    }
  }
}

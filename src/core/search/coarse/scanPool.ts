import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Findings, type ScanQuery } from "./scan.ts";
import type { ScanAnswer, ScanRequest, ScanThread } from "./scanWorker.ts";
import { type CodedRows, MOST_THREADS } from "./segments.ts";
import type { WasmModule } from "./webAssembly.ts";

/** The sources run as they are; in the bundle every chunk lies one folder beside the worker's. */
const WORKER = import.meta.url.endsWith(".ts")
  ? new URL("./scanWorker.ts", import.meta.url)
  : new URL("../search/scanWorker.mjs", import.meta.url);

/** A thread that looks through rows failed. The rows can be searched another way. */
export class ScanError extends Error {
  override readonly name = "ScanError";
}

/** Threads that look through the same rows together, one query at a time. They hold no process up that wants to end. */
export class ScanPool {
  readonly #rows: CodedRows;
  readonly #next = new Int32Array(new SharedArrayBuffer(4));
  readonly #workers: Worker[];
  /** Segments that the threads know. */
  #known = 0;
  #ended = false;

  constructor(module: WasmModule, rows: CodedRows) {
    this.#rows = rows;
    this.#workers = Array.from({ length: Math.min(MOST_THREADS, availableParallelism()) }, (_, area) => {
      const thread: ScanThread = { module, layout: rows.layout, area, next: this.#next };
      const worker = new Worker(WORKER, { workerData: thread });
      worker.on("error", () => {});
      worker.on("exit", () => {
        this.#ended = true;
      });
      // Only one that is asked is waited for.
      worker.unref();
      return worker;
    });
  }

  /**
   * What may be among the best rows of the columns, as far as each thread for itself can tell.
   * @throws ScanError
   */
  async scan(query: ScanQuery): Promise<Findings> {
    if (this.#ended) throw new ScanError("A thread of the search ended.");
    const { memories } = this.#rows;
    Atomics.store(this.#next, 0, 0);
    const request: ScanRequest = { from: this.#known, memories: memories.slice(this.#known), query };
    const parts = await Promise.all(this.#workers.map((worker) => ask(worker, request)));
    this.#known = memories.length;
    const words = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      words.set(part, at);
      at += part.length;
    }
    return new Findings(words);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, request: ScanRequest): Promise<Uint32Array> {
  return new Promise((resolve, reject) => {
    const end = () => {
      worker.off("message", answered).off("error", failed).off("exit", ended);
      worker.unref();
    };
    const answered = (answer: ScanAnswer) => {
      end();
      if ("findings" in answer) resolve(answer.findings);
      else reject(new ScanError(`A thread of the search failed: ${answer.failure}.`));
    };
    const failed = (error: Error) => {
      end();
      reject(new ScanError(`A thread of the search failed: ${error.message}.`, { cause: error }));
    };
    const ended = (code: number) => {
      end();
      reject(new ScanError(`A thread of the search ended with code ${code}.`));
    };
    worker.on("message", answered).on("error", failed).on("exit", ended);
    worker.ref();
    worker.postMessage(request);
  });
}

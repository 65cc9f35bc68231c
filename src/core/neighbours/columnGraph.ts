import { Worker } from "node:worker_threads";
import { NeighboursError } from "./errors.ts";
import type { GraphReply, GraphRequest, GraphWorkerData } from "./graphWorker.ts";

/** The sources run as they are; in the bundle every chunk lies one folder beside the worker's. */
const WORKER = import.meta.url.endsWith(".ts")
  ? new URL("./graphWorker.ts", import.meta.url)
  : new URL("../neighbours/graphWorker.mjs", import.meta.url);

/** The HNSW graph of one column, in a worker thread of its own. One request at a time. */
export class ColumnGraph {
  readonly #worker: Worker;
  #settle: { resolve: (reply: GraphReply) => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  constructor(data: GraphWorkerData) {
    this.#worker = new Worker(WORKER, { workerData: data });
    this.#worker.on("message", (reply: GraphReply) => this.#settle?.resolve(reply));
    this.#worker.on("error", (error: Error) => this.#fail(error.message, error));
    this.#worker.on("exit", (code) => this.#fail(`its worker ended with code ${code}`));
  }

  /** @throws NeighboursError where the worker fails */
  ask(request: GraphRequest): Promise<GraphReply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#settle = { resolve, reject };
      this.#worker.postMessage(request, [request.vectors.buffer as ArrayBuffer]);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(why: string, cause?: Error): void {
    this.#failure ??= new NeighboursError(`The neighbours could not be searched: ${why}. Try again.`, { cause });
    this.#settle?.reject(this.#failure);
  }
}

import { Worker } from "node:worker_threads";
import { FileError } from "../files/index.ts";
import { TableError } from "./errors.ts";
import type { TableMessage, TableWork } from "./tableWorker.ts";
import type { TableTask, TableTasks } from "./task.ts";

/** The sources run as they are; in the bundle every chunk lies one folder beside the worker's. */
const WORKER = import.meta.url.endsWith(".ts")
  ? new URL("./tableWorker.ts", import.meta.url)
  : new URL("../tables/tableWorker.mjs", import.meta.url);

/** Memory of a worker, in MB: values of 10 million rows, and names of a million images. */
const MEMORY = 1536;
/** A worker that tells nothing for so long is stuck in a file that no honest program writes, in seconds. */
const SILENCE = 30;

/** A worker without work is kept for the next one, in milliseconds: tables are often asked for one after another. */
const KEPT = 10_000;
let idle: { readonly worker: Worker; readonly end: NodeJS.Timeout } | undefined;

/**
 * Reads tables in a worker thread; an abort terminates it at once.
 * @param file for messages
 * @throws TableError, FileError in words for the user; the signal's reason
 */
export async function inWorker<K extends TableTask>(
  kind: K,
  params: TableTasks[K]["params"],
  file: string,
  signal?: AbortSignal,
): Promise<TableTasks[K]["result"]> {
  signal?.throwIfAborted();
  const worker = takeWorker();
  let stop = (_reason: unknown) => {};
  let answered = false;
  // Counted in turns of this thread: while it is busy itself, nothing that the worker told can be heard.
  let silent = 0;
  const watch = setInterval(() => {
    if (++silent > SILENCE) stop(new TableError(`${file} takes too long to read. Save it again, or choose another.`));
  }, 1000);
  const abort = () => stop(signal?.reason);
  const onError = (cause: Error & { readonly code?: string }) => {
    const tooMuch = cause.code === "ERR_WORKER_OUT_OF_MEMORY";
    const why = tooMuch ? "takes too much memory to read" : "cannot be read";
    stop(new TableError(`${file} ${why}. Choose a smaller table, or save it again.`, { cause }));
  };
  const onExit = () => stop(new TableError(`${file} cannot be read: its reader ended. Try again.`));
  let onMessage = (_message: TableMessage) => {};
  const ended = new Promise<TableTasks[K]["result"]>((resolve, reject) => {
    stop = reject;
    onMessage = (message) => {
      silent = 0;
      answered = message.kind !== "alive";
      // The worker answers what its kind of task promises.
      if (message.kind === "done") resolve(message.result as TableTasks[K]["result"]);
      if (message.kind === "failed") reject(failure(message));
    };
  });
  worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  signal?.addEventListener("abort", abort);
  try {
    worker.postMessage({ kind, params } satisfies TableWork<K>);
    return await ended;
  } finally {
    clearInterval(watch);
    signal?.removeEventListener("abort", abort);
    worker.off("message", onMessage).off("error", onError).off("exit", onExit);
    if (answered) keepWorker(worker);
    else await worker.terminate();
  }
}

function takeWorker(): Worker {
  if (idle === undefined) {
    const worker = new Worker(WORKER, { resourceLimits: { maxOldGenerationSizeMb: MEMORY } });
    worker.on("exit", () => {
      if (idle?.worker === worker) idle = undefined;
    });
    // What ends it while it does nothing is nobody's failure.
    return worker.on("error", () => {});
  }
  const { worker, end } = idle;
  clearTimeout(end);
  idle = undefined;
  worker.ref();
  return worker;
}

/** One that has answered may read another table. It holds no process alive. */
function keepWorker(worker: Worker): void {
  if (idle !== undefined) {
    void worker.terminate();
    return;
  }
  worker.unref();
  const end = setTimeout(() => {
    idle = undefined;
    void worker.terminate();
  }, KEPT).unref();
  idle = { worker, end };
}

function failure({ error, message, details }: Extract<TableMessage, { kind: "failed" }>): Error {
  const options = details === "" ? undefined : { cause: new Error(details) };
  if (error === "table") return new TableError(message, options);
  return error === "file" ? new FileError(message, options) : new Error(message, options);
}

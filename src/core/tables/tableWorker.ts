/** A worker thread that reads tables. It loads no native module, so that it can be terminated at any moment. */
import { parentPort } from "node:worker_threads";
import { FileError } from "../files/index.ts";
import { TableError } from "./errors.ts";
import { runTask, type TableTask, type TableTasks } from "./task.ts";

export interface TableWork<K extends TableTask = TableTask> {
  readonly kind: K;
  readonly params: TableTasks[K]["params"];
}

/** What the worker tells: that it lives, twice a second, and in the end what came of its work. */
export type TableMessage =
  | { readonly kind: "alive" }
  | { readonly kind: "done"; readonly result: unknown }
  | {
      readonly kind: "failed";
      readonly error: "table" | "file" | "other";
      readonly message: string;
      readonly details: string;
    };

const port = parentPort;
if (port === null) throw new Error("tableWorker runs in a worker thread");
const send = (message: TableMessage) => port.postMessage(message);

port.on("message", async ({ kind, params }: TableWork) => {
  const alive = setInterval(() => send({ kind: "alive" }), 500);
  try {
    send({ kind: "done", result: await runTask(kind, params) });
  } catch (error) {
    send({ kind: "failed", ...described(error) });
  } finally {
    clearInterval(alive);
  }
});

function described(error: unknown): Omit<Extract<TableMessage, { kind: "failed" }>, "kind"> {
  const { message, cause } = error instanceof Error ? error : { message: String(error), cause: undefined };
  const known = error instanceof TableError ? "table" : error instanceof FileError ? "file" : "other";
  return { error: known, message, details: cause instanceof Error ? (cause.stack ?? cause.message) : "" };
}

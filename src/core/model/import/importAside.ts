import { once } from "node:events";
import { sweepScratch } from "../../files/index.ts";
import { startModule, TOO_MUCH_MEMORY } from "../../processes/index.ts";
import { ModelError, NothingToTakeError } from "../errors.ts";
import type { ImportFailure, ImportMessage, ImportTask, ImportTasks, ImportWork } from "./importTask.ts";

/** The sources run as they are; in the bundle every chunk lies one folder beside the child's. */
const CHILD = import.meta.url.endsWith(".ts")
  ? new URL("./importChild.ts", import.meta.url)
  : new URL("../import/importChild.mjs", import.meta.url);

/** A process that tells nothing for so long is stuck in a file that no honest program writes, in seconds. */
const SILENCE = 60;

interface Aside {
  /** Of the network, for messages. */
  readonly file: string;
  readonly signal?: AbortSignal | undefined;
  /** Seconds; see `SILENCE`. */
  readonly silence?: number;
}

/**
 * Inspects or imports a network in a process of its own, which an abort ends at once: this one goes on answering, whatever the
 * file is.
 * @throws ModelError, NothingToTakeError where the network cannot be used; the signal's reason; ProcessError where the system starts no
 * process
 */
export async function importAside<K extends ImportTask>(
  kind: K,
  params: ImportTasks[K]["params"],
  { file, signal, silence = SILENCE }: Aside,
): Promise<ImportTasks[K]["result"]> {
  signal?.throwIfAborted();
  const child = startModule(CHILD);
  const ended = once(child, "close");
  let stop = (_reason: unknown) => {};
  // Counted in turns of this thread: while it is busy itself, nothing that the other told can be heard.
  let silent = 0;
  const watch = setInterval(() => {
    if (++silent > silence)
      stop(new ModelError(`${file} takes too long to be looked into. Export it again, or a smaller network.`));
  }, 1000);
  const abort = () => stop(signal?.reason);
  signal?.addEventListener("abort", abort);
  let isDone = false;
  try {
    return await new Promise<ImportTasks[K]["result"]>((resolve, reject) => {
      stop = reject;
      child.on("message", (message: ImportMessage) => {
        silent = 0;
        isDone = message.kind !== "alive";
        // The process answers what its kind of task promises.
        if (message.kind === "done") resolve(message.result as ImportTasks[K]["result"]);
        if (message.kind === "failed") reject(failed(message.failure));
      });
      const died = (how: string) =>
        reject(
          new ModelError(
            `The process that looked into ${file} ended (${how}): the file is damaged, or needs more memory than this ` +
              "machine has. Export it again, or a smaller network.",
          ),
        );
      child.once("error", (error) => died(error.message));
      child.once("exit", (code, how) =>
        died(how === TOO_MUCH_MEMORY ? "it took more memory than it may" : (how ?? `exit code ${code}`)),
      );
      child.send({ kind, params } satisfies ImportWork<K>, (error) => {
        if (error !== null) died(error.message);
      });
    });
  } finally {
    clearInterval(watch);
    signal?.removeEventListener("abort", abort);
    child.kill("SIGKILL");
    if (!isDone) {
      await ended;
      await sweepScratch();
    }
  }
}

function failed({ known, message, details, values }: ImportFailure): Error {
  if (values !== null) return new NothingToTakeError(message, values);
  const options = details === "" ? undefined : { cause: new Error(details) };
  return known ? new ModelError(message, options) : new Error(message, options);
}

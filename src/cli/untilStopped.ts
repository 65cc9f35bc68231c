import type * as Core from "../core/index.ts";
import { notIndexed } from "./notIndexed.ts";
import type { IndexPlaceOptions } from "./tools.ts";

/**
 * Works on an index until Ctrl-C.
 * @param folder as it was given, and `options`: for the message
 * @returns undefined where it was stopped
 */
export async function untilStopped<T>(
  folder: string,
  index: Core.FolderIndex,
  options: IndexPlaceOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const { indexed } = await index.status();
  if (indexed === 0) throw notIndexed(index, folder, options);
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop);
  try {
    return await work(abort.signal);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    console.error("Stopped.");
    process.exitCode = 130;
    return undefined;
  } finally {
    process.removeListener("SIGINT", stop);
  }
}

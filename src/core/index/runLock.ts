import { join } from "node:path";
import Database from "better-sqlite3";
import { type LockOptions, lock, makeFolder } from "../files/index.ts";
import { cannotOpen } from "./sqliteFailures.ts";

/** Name of the lock, in the folder of the indexes. */
export const RUN_LOCK = "run.lock";

/**
 * Takes the lock of a folder's indexes, or waits for it: one run at a time, in whichever process. It is there to save double
 * work; the store is safe without it.
 * @param folder that holds the indexes; made where it is not there
 * @returns gives the lock back
 * @throws StoreError where the folder cannot be written, or what `signal` aborts with
 */
export async function lockRuns(folder: string, options: LockOptions): Promise<() => void> {
  const file = join(folder, RUN_LOCK);
  try {
    makeFolder(folder);
    return await lock(file, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof Database.SqliteError || (error instanceof Error && "code" in error)
      ? cannotOpen(file, error)
      : error;
  }
}

import { join } from "node:path";
import Database from "better-sqlite3";
import { type LockOptions, lock, makeFolder } from "../files/index.ts";
import type { Shard } from "./shard.ts";
import { cannotOpen } from "./sqliteFailures.ts";

/** Name of the lock, in the folder of the indexes. */
export const RUN_LOCK = "run.lock";

/**
 * Takes the lock of a folder's indexes, or waits for it: one run at a time, in whichever process. It is there to save double
 * work; the store is safe without it.
 * @param folder that holds the indexes; made where it is not there
 * @param shard where it is given, runs of other shards go on beside this one, and none of the whole
 * @returns gives the lock back
 * @throws StoreError where the folder cannot be written, or what `signal` aborts with
 */
export async function lockRuns(folder: string, options: LockOptions, shard?: Shard): Promise<() => void> {
  if (shard === undefined) return take(join(folder, RUN_LOCK), folder, options);
  const whole = await take(join(folder, RUN_LOCK), folder, { ...options, shared: true });
  try {
    const own = await take(join(folder, `run-${shard.index}-of-${shard.of}.lock`), folder, options);
    return () => {
      own();
      whole();
    };
  } catch (error) {
    whole();
    throw error;
  }
}

/** The same for fitting the model to the folder, which the runs of several shards do once. */
export function lockAdaptation(folder: string, options: LockOptions): Promise<() => void> {
  return take(join(folder, "adapt.lock"), folder, options);
}

async function take(file: string, folder: string, options: LockOptions): Promise<() => void> {
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

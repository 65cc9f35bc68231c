import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { cannotOpen, isBusy } from "./sqliteFailures.ts";

/** Between two looks whether the other one has ended. Milliseconds. */
const LOOK_AFTER = 200;

export interface RunLockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called while another one has the lock. */
  readonly onWait?: () => void;
}

/**
 * Takes the lock of a folder's indexes, or waits for it: one run at a time, in whichever process. It is a write
 * transaction on an empty database, hence a lock of the operating system that ends with its process, however that ends:
 * nothing is left behind, and no sign of life is needed. It is there to save double work; the store is safe without it.
 * @param folder that holds the indexes; made where it is not there
 * @returns gives the lock back
 * @throws StoreError where the folder cannot be written, or what `signal` aborts with
 */
export async function lockRuns(folder: string, { signal, onWait = () => {} }: RunLockOptions): Promise<() => void> {
  const file = join(folder, "run.lock");
  let database: Database.Database;
  try {
    mkdirSync(folder, { recursive: true });
    database = new Database(file, { timeout: 0 });
  } catch (error) {
    throw cannotOpen(file, error);
  }
  try {
    for (;;) {
      try {
        database.exec("begin immediate");
        return () => void database.close();
      } catch (error) {
        if (!isBusy(error)) throw cannotOpen(file, error);
      }
      onWait();
      await sleep(LOOK_AFTER, undefined, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    database.close();
    throw error;
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called while another one has the lock. */
  readonly onWait?: () => void;
  /** Between two looks whether the other one has ended. Milliseconds. */
  readonly every?: number;
  /** Several may hold it that way at once; nobody else meanwhile. */
  readonly shared?: boolean;
}

/**
 * Takes a lock, or waits for it; one holder at a time, in whichever process. It is a transaction on an empty database,
 * hence a lock of the operating system that ends with its process, however that ends: nothing is left behind, and no sign of life
 * is needed.
 * @param file made where it is not there; its folder must be there
 * @returns gives the lock back
 * @throws an error of SQLite where the file cannot be written, or what `signal` aborts with
 */
export async function lock(
  file: string,
  { signal, onWait, every = 200, shared = false }: LockOptions = {},
): Promise<() => void> {
  const database = new Database(file, { timeout: 0 });
  try {
    for (;;) {
      try {
        // The one waits for all others, the other reads, as many may.
        database.exec(shared ? "begin; select * from sqlite_master" : "begin exclusive");
        return () => void database.close();
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (database.inTransaction) database.exec("rollback");
      }
      onWait?.();
      await sleep(every, undefined, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Whether another connection holds the file for now. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_BUSY/.test(error.code);
}

import { setTimeout as sleep } from "node:timers/promises";
import type Database from "better-sqlite3";
import { isBusy } from "../files/index.ts";
import { inPlainWords } from "./sqliteFailures.ts";

/** How long a writer waits while another connection holds the file, say for a vacuum. Milliseconds. */
const PATIENCE = 10 * 60_000;
/** Between two tries; others run meanwhile. Milliseconds. */
const RETRY_AFTER = 100;

/**
 * Writes in one transaction, and waits where another connection writes. Immediate: a transaction that reads first could not be
 * upgraded while another process writes.
 * @param open the database, asked for at each try
 * @param place for messages
 * @throws StoreError where it cannot be written
 */
export async function inTransaction(open: () => Database.Database, place: string, work: () => void): Promise<void> {
  for (const start = performance.now(); ; ) {
    try {
      open().transaction(work).immediate();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() - start > PATIENCE) throw inPlainWords(place, error);
    }
    await sleep(RETRY_AFTER);
  }
}

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import type { LockOptions } from "../../files/index.ts";
import { firstOf, rowsOf } from "./answers.ts";
import type { Database } from "./database.ts";
import { isPassing } from "./failures.ts";

/** Between two looks whether the other one has ended. Milliseconds. */
const EVERY = 300;

interface Wanted {
  readonly key: string;
  readonly shared: boolean;
}

/**
 * Takes advisory locks of the server, or waits for them. They belong to a connection of their own, so they end with this process,
 * however it ends. Where the connection breaks they are taken again once there is another one; should somebody else have them
 * by then, double work is done, and nothing wrong.
 * @param wanted in the order in which they are taken
 * @returns gives them back
 * @throws StoreError, or what `signal` aborts with
 */
export async function takeLocks(
  database: Database,
  wanted: readonly Wanted[],
  { signal, onWait, every = EVERY }: LockOptions,
): Promise<() => Promise<void>> {
  let released = false;
  let client = await database.session();
  const rest = () => sleep(every, undefined, signal === undefined ? {} : { signal });
  const take = async () => {
    for (const { key, shared } of wanted) {
      while (!(await tryLock(client, key, shared))) {
        if (released) return;
        onWait?.();
        await rest();
      }
    }
  };
  // Somebody else's lock may be waited for longer than a server goes without a restart.
  const acquire = async () => {
    for (;;) {
      try {
        return await take();
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      await end();
      await rest();
      client = await database.session();
    }
  };
  const end = async () => {
    await client.end().catch(() => {});
  };
  const again = async () => {
    if (released) return;
    const next = await database.session().catch(() => undefined);
    // The work goes on without: the store is safe for two.
    if (next === undefined) return;
    client = next;
    if (released) return end();
    follow();
    await acquire().catch(() => {});
  };
  const follow = () => client.once("end", () => void again());
  try {
    await acquire();
  } catch (error) {
    released = true;
    await end();
    signal?.throwIfAborted();
    throw database.plainly(error);
  }
  follow();
  return async () => {
    released = true;
    await end();
  };
}

async function tryLock(client: Client, key: string, shared: boolean): Promise<boolean> {
  const take = shared ? "pg_try_advisory_lock_shared" : "pg_try_advisory_lock";
  const answer = await client.query(`select ${take}($1::bigint) as got`, [numberOf(key)]);
  return firstOf(rowsOf<{ got: boolean }>(answer)).got;
}

/** Advisory locks go by a number of 64 bits. */
function numberOf(key: string): string {
  return createHash("sha256").update(`lookalike ${key}`).digest().readBigInt64LE().toString();
}

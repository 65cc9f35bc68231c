import { setImmediate } from "node:timers/promises";
import type Database from "better-sqlite3";
import { isWhole } from "./float16.ts";
import { SCHEMA_VERSION } from "./sqliteSchema.ts";
import type { StoreHealth } from "./store.ts";

/** Rows that are looked at before others may run. */
const PAGE = 512;
/** Of as many rows each opening looks at all; that takes less than a tenth of a second. */
const SMALL = 20_000;
/** Larger ones are looked at again after this long. Milliseconds. */
const DAY = 24 * 60 * 60_000;

export function healthOf(database: Database.Database): StoreHealth {
  const count = (sql: string) => database.prepare<[], number>(sql).pluck().get() ?? 0;
  // In one transaction: others may be writing.
  return database.transaction(() => ({
    rows: count("select count(*) from embedding"),
    images: count("select count(*) from image"),
    duplicates: count("select count(*) - count(distinct path) from image"),
    orphans:
      count("select count(*) from embedding where image_id not in (select id from image)") +
      count("select count(*) from image where id not in (select image_id from embedding)"),
    schemaVersion: SCHEMA_VERSION,
    integrity: String(database.pragma("quick_check(1)", { simple: true })),
  }))();
}

function isSmall(database: Database.Database): boolean {
  return database.prepare<[], number>("select count(*) from embedding").pluck().get()! <= SMALL;
}

/** Whether it is time to look at all rows. */
export function isVerifyDue(database: Database.Database): boolean {
  if (isSmall(database)) return true;
  const last = database.prepare<[], string>("select value from meta where key = 'verified'").pluck().get();
  const age = Date.now() - Number(last ?? 0);
  return !(age >= 0 && age < DAY);
}

/**
 * Looks at all embeddings.
 * @returns ids of images whose embedding is not there, or not what was written
 */
export async function findDamaged(database: Database.Database, dim: number): Promise<number[]> {
  const damaged = database
    .prepare<[], number>("select id from image where id not in (select image_id from embedding)")
    .pluck()
    .all();
  const page = database.prepare<[number], { id: number; branches: Buffer; crc: number | null }>(
    `select image_id as id, branches, crc from embedding where image_id > ? order by image_id limit ${PAGE}`,
  );
  for (let rows = page.all(-1); rows.length > 0; rows = database.open ? page.all(rows.at(-1)!.id) : []) {
    for (const { id, branches, crc } of rows) if (!isWhole(branches, crc, dim)) damaged.push(id);
    await setImmediate();
  }
  return damaged;
}

/** Takes images out, with nothing put by. @returns their paths */
export function takeOut(database: Database.Database, ids: readonly number[]): string[] {
  // First the embedding: what goes with its image is kept for its return.
  const embedding = database.prepare("delete from embedding where image_id = ?");
  const image = database.prepare<[number], string>("delete from image where id = ? returning path").pluck();
  return ids.flatMap((id) => {
    embedding.run(id);
    const path = image.get(id);
    return path === undefined ? [] : [path];
  });
}

/** Only where it is asked for: a note is a change, after which other processes read the index again. */
export function noteVerified(database: Database.Database): void {
  if (isSmall(database)) return;
  database.prepare("insert or replace into meta (key, value) values ('verified', ?)").run(String(Date.now()));
}

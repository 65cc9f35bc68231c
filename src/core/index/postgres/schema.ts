import type { PoolClient } from "pg";
import { StoreError } from "../store.ts";
import { firstOf, rowsOf, StrangeAnswer } from "./answers.ts";
import type { Database } from "./database.ts";
import { codeOf } from "./failures.ts";

/** Raised when the tables change; see `MIGRATIONS`. */
export const SCHEMA_VERSION = 2;

/** Parts of the table of images, by a hash of the path: they can lie on different disks, and are searched side by side. */
export const PARTITIONS = 8;

/** Of the advisory lock under which the tables are made or changed, so that one of several processes does it. */
const MIGRATION_LOCK = 7_235_101;

const VERSION_1 = `
  create schema if not exists lookalike;
  create table lookalike.meta (key text primary key, value text not null);
  -- One folder, known by a name, embedded by one model.
  create table lookalike.indexes (
    id integer generated always as identity primary key,
    folder text collate "C" not null,
    fingerprint text not null,
    model text not null,
    dim integer not null,
    unique (folder, fingerprint)
  );
  create table lookalike.image (
    index_id integer not null references lookalike.indexes (id) on delete cascade,
    path text collate "C" not null,
    mtime_ms double precision not null,
    ctime_ms double precision,
    size bigint not null,
    hash bytea not null,
    width integer not null,
    height integer not null,
    partial boolean not null,
    -- float16, little endian; null where the column of pgvector has it.
    branches bytea,
    -- CRC-32 of the same bytes.
    crc bigint not null,
    -- The transaction that wrote it, so that a reader finds what changed since a snapshot (see following.ts).
    stamp bigint not null default (pg_current_xact_id()::text::bigint),
    primary key (index_id, path)
  ) partition by hash (path);
  ${Array.from(
    { length: PARTITIONS },
    (_, i) =>
      `create table lookalike.image_${i} partition of lookalike.image for values with (modulus ${PARTITIONS}, remainder ${i});`,
  ).join("\n  ")}
  -- A file that was moved or copied is found by its content.
  create index image_hash on lookalike.image (index_id, hash);
  create index image_stamp on lookalike.image (index_id, stamp);
  create index image_partial on lookalike.image (index_id, path) where partial;
  create table lookalike.skipped (
    index_id integer not null references lookalike.indexes (id) on delete cascade,
    path text collate "C" not null,
    mtime_ms double precision not null,
    ctime_ms double precision,
    size bigint not null,
    reason text not null,
    kind text,
    primary key (index_id, path)
  );
  -- Files in flight; see the table of the same name in the SQLite form.
  create table lookalike.attempt (
    index_id integer not null references lookalike.indexes (id) on delete cascade,
    path text collate "C" not null,
    held boolean not null default true,
    death text,
    twice boolean not null default false,
    primary key (index_id, path)
  );
  -- Contents that no image has any more, for when they come back.
  create table lookalike.former (
    index_id integer not null references lookalike.indexes (id) on delete cascade,
    hash bytea not null,
    width integer not null,
    height integer not null,
    partial boolean not null,
    branches bytea,
    crc bigint not null,
    gone_ms double precision not null,
    primary key (index_id, hash)
  );
  -- Images that are no more, for readers that follow.
  create table lookalike.gone (
    index_id integer not null references lookalike.indexes (id) on delete cascade,
    path text collate "C" not null,
    stamp bigint not null default (pg_current_xact_id()::text::bigint),
    gone_ms double precision not null default (1000 * extract(epoch from clock_timestamp())),
    primary key (index_id, path)
  );
  -- Counts changes, in several rows so that writers do not wait for each other.
  create table lookalike.change (
    index_id integer not null references lookalike.indexes (id) on delete cascade,
    slot integer not null,
    writes bigint not null,
    primary key (index_id, slot)
  );
  -- Models that are adapted to a folder.
  create table lookalike.model (
    folder text collate "C" not null,
    base text not null,
    fingerprint text not null,
    bytes bytea not null,
    primary key (folder, base)
  );
`;

const VERSION_2 = `
  -- For machines that do not have the files; by content, shared by all indexes of a folder.
  create table lookalike.thumbnail (
    folder text collate "C" not null,
    hash bytea not null,
    width integer not null,
    height integer not null,
    bytes bytea not null,
    primary key (folder, hash)
  );
`;

/** From each version to the next. Only added to: processes of the version before may be at work meanwhile. */
const MIGRATIONS: readonly string[] = [VERSION_1, VERSION_2];

/** What the server has of pgvector. */
export interface SchemaState {
  readonly version: number;
  /** Whether embeddings are kept in a column of pgvector. */
  readonly vectors: boolean;
}

/**
 * Makes the tables, or brings those of an older version up to date. Where there is nothing to do it only reads, so that a reader
 * and a read-only copy do.
 * @param upTo a version to stop at; the newest where absent
 * @throws StoreError where a newer version made them, or this user may not
 */
export async function setUpSchema(database: Database, upTo: number = SCHEMA_VERSION): Promise<SchemaState> {
  const found = await versionOf(database);
  if (found > upTo) throw newer(database, found, upTo);
  if (found < upTo) await migrate(database, upTo);
  let vectors = await hasColumn(database);
  if (!vectors && (await addColumn(database))) vectors = await hasColumn(database);
  return { version: upTo, vectors };
}

async function versionOf(database: Database): Promise<number> {
  const there = await database.query<{ there: boolean }>("select to_regclass('lookalike.meta') is not null as there");
  if (!firstOf(there).there) return 0;
  const [row] = await database.query<{ value: string }>("select value from lookalike.meta where key = 'version'");
  return readVersion(row);
}

function readVersion(row: { readonly value: string } | undefined): number {
  const version = Number(row?.value ?? 0);
  if (!Number.isInteger(version) || version < 0) throw new StrangeAnswer("the version of the tables is no number");
  return version;
}

function newer(database: Database, found: number, known: number): StoreError {
  return new StoreError(
    `The database ${database.title} was made by a newer version of Lookalike (format ${found}, this version knows up to ` +
      `${known}). It was left as it is. Update Lookalike, or choose another place for the index.`,
  );
}

function migrate(database: Database, upTo: number): Promise<void> {
  return database.transaction(async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    const there = await client.query("select to_regclass('lookalike.meta') is not null as there");
    let version = 0;
    if (firstOf(rowsOf<{ there: boolean }>(there)).there) {
      const kept = await client.query("select value from lookalike.meta where key = 'version'");
      version = readVersion(rowsOf<{ value: string }>(kept)[0]);
    }
    if (version > upTo) throw newer(database, version, upTo);
    for (; version < upTo; version++) await client.query(MIGRATIONS[version]!);
    await client.query(
      "insert into lookalike.meta (key, value) values ('version', $1) on conflict (key) do update set value = excluded.value",
      [String(version)],
    );
  });
}

async function hasColumn(database: Database): Promise<boolean> {
  const rows = await database.query<{ has: boolean }>(
    `select to_regtype('halfvec') is not null and exists (
       select 1 from pg_attribute where attrelid = 'lookalike.image'::regclass and attname = 'embedding' and not attisdropped
     ) as has`,
  );
  return firstOf(rows).has;
}

/**
 * Adds pgvector's column where the server has the extension. A server without it, and a user who may not, do without.
 * @returns whether it may be there now
 */
async function addColumn(database: Database): Promise<boolean> {
  const rows = await database.query<{ may: boolean }>(
    "select not pg_is_in_recovery() and exists (select 1 from pg_available_extensions where name = 'vector') as may",
  );
  if (!firstOf(rows).may) return false;
  try {
    await database.transaction(async (client: PoolClient) => {
      await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
      await client.query("create extension if not exists vector");
      await client.query("alter table lookalike.image add column if not exists embedding halfvec");
      await client.query("alter table lookalike.former add column if not exists embedding halfvec");
    });
    return true;
  } catch (error) {
    const code = codeOf(error instanceof StoreError ? error.cause : error);
    // Not allowed; not installed after all; a version of pgvector before halfvec.
    if (code === "42501" || code === "0A000" || code === "58P01" || code === "42704") return false;
    throw error;
  }
}

import type Database from "better-sqlite3";
import { StoreError, type StoreIdentity } from "./store.ts";

/** Raised when the tables change; see `MIGRATIONS`. */
export const SCHEMA_VERSION = 4;

const SCHEMA = `
  create table meta (key text primary key, value text not null) without rowid;
  create table image (
    id integer primary key,
    path text not null unique,
    mtime_ms real not null,
    size integer not null,
    hash blob not null,
    width integer not null,
    height integer not null
  );
  -- In a table of its own, so that going through paths and times does not read the vectors.
  create table embedding (
    image_id integer primary key references image (id) on delete cascade,
    branches blob not null
  );
  create table skipped (
    path text primary key,
    mtime_ms real not null,
    size integer not null,
    reason text not null
  ) without rowid;
`;

const VERSION_2 = `
  -- A file that was moved or copied is found by its content.
  create index image_hash on image (hash);
  -- Files in flight, from before they are decoded until they are stored; what is left here was held by a process that died.
  create table attempt (path text primary key) without rowid;
`;

const VERSION_3 = `
  alter table image add column ctime_ms real;
  alter table skipped add column ctime_ms real;
  -- Whether a process holds the file, or held it when it died; the digest of all files that were held at that death; and
  -- whether these were the same at the death before.
  alter table attempt add column held integer not null default 1;
  alter table attempt add column death text;
  alter table attempt add column twice integer not null default 0;
  -- CRC-32 of the embedding; null in rows of before this was kept.
  alter table embedding add column crc integer;
  -- Contents that no image has any more, for when they come back. By triggers, so that whoever writes cannot forget it.
  create table former (
    hash blob primary key,
    width integer not null,
    height integer not null,
    branches blob not null,
    crc integer,
    gone_ms real not null
  );
  create index former_gone on former (gone_ms);
  create trigger image_gone before delete on image begin
    insert or replace into former (hash, width, height, branches, crc, gone_ms)
    select old.hash, old.width, old.height, branches, crc, 1000.0 * unixepoch('subsec') from embedding
    where image_id = old.id and not exists (select 1 from image where hash = old.hash and id <> old.id);
  end;
  create trigger image_replaced before update of hash on image when old.hash <> new.hash begin
    insert or replace into former (hash, width, height, branches, crc, gone_ms)
    select old.hash, old.width, old.height, branches, crc, 1000.0 * unixepoch('subsec') from embedding
    where image_id = old.id and not exists (select 1 from image where hash = old.hash and id <> old.id);
  end;
  create trigger image_back after insert on image begin delete from former where hash = new.hash; end;
  create trigger image_changed after update of hash on image begin delete from former where hash = new.hash; end;
`;

const VERSION_4 = `
  -- Whether only a part of the image could be read.
  alter table image add column partial integer not null default 0;
  alter table former add column partial integer not null default 0;
  drop trigger image_gone;
  drop trigger image_replaced;
  create trigger image_gone before delete on image begin
    insert or replace into former (hash, width, height, branches, crc, gone_ms, partial)
    select old.hash, old.width, old.height, branches, crc, 1000.0 * unixepoch('subsec'), old.partial from embedding
    where image_id = old.id and not exists (select 1 from image where hash = old.hash and id <> old.id);
  end;
  create trigger image_replaced before update of hash on image when old.hash <> new.hash begin
    insert or replace into former (hash, width, height, branches, crc, gone_ms, partial)
    select old.hash, old.width, old.height, branches, crc, 1000.0 * unixepoch('subsec'), old.partial from embedding
    where image_id = old.id and not exists (select 1 from image where hash = old.hash and id <> old.id);
  end;
  -- Why a file is not an image of the index, in one word that is the same for all such files; null where it is damaged.
  alter table skipped add column kind text;
  -- More is read than before, and what is not has another reason; what ended a process stays untouched.
  delete from skipped where reason not like '%it is tried again once it changes';
`;

/** From each version to the next, for indexes that older versions of Lookalike made. */
const MIGRATIONS: Readonly<Record<number, string>> = { 1: VERSION_2, 2: VERSION_3, 3: VERSION_4 };

/** What is known of a content, as it lies in the database. */
export interface StoredContent {
  readonly width: number;
  readonly height: number;
  readonly partial: number;
  readonly branches: Buffer;
  readonly crc: number | null;
}

/** @throws StoreError where a newer version made the index, before anything is changed in it */
export function refuseNewer(database: Database.Database, file: string): void {
  const version = versionOf(database);
  if (version <= SCHEMA_VERSION) return;
  throw new StoreError(
    `The index ${file} was made by a newer version of Lookalike (format ${version}, this version knows up to ` +
      `${SCHEMA_VERSION}). It was left as it is. Update Lookalike, or choose another place for the index.`,
  );
}

/**
 * Makes the tables, or brings those of an older version up to date. To be called inside an immediate transaction, so that
 * of several processes one does it.
 * @throws WrongContentError where the index is not of this model: the name of its file says that it is
 */
export function setUpSchema(database: Database.Database, identity: StoreIdentity): void {
  const before = versionOf(database);
  let version = before;
  if (version === 0) {
    makeTables(database);
    const put = database.prepare("insert into meta (key, value) values (?, ?)");
    for (const [key, value] of Object.entries(identity)) put.run(key, String(value));
    database.pragma(`user_version = ${SCHEMA_VERSION}`);
  }
  for (; version > 0 && version < SCHEMA_VERSION; version++) {
    database.exec(MIGRATIONS[version]!);
    database.pragma(`user_version = ${version + 1}`);
  }
  const meta = database.prepare<[string], string>("select value from meta where key = ?").pluck();
  if (meta.get("fingerprint") !== identity.fingerprint || meta.get("dim") !== String(identity.dim)) {
    throw new WrongContentError("it is not of this model");
  }
  // Indexes of the first version do not have it.
  const name = database.prepare("insert or ignore into meta (key, value) values ('model', ?)");
  if (version !== before && identity.model !== undefined) name.run(identity.model);
}

/** Makes the tables of this version in an empty database. */
export function makeTables(database: Database.Database): void {
  database.exec(SCHEMA + Object.values(MIGRATIONS).join(""));
}

/** A database that SQLite can read, and that is not what its name and version say. */
export class WrongContentError extends Error {
  override readonly name = "WrongContentError";
}

const COLUMNS: Readonly<Record<string, string>> = {
  meta: "key, value",
  image: "id, path, mtime_ms, ctime_ms, size, hash, width, height, partial",
  embedding: "image_id, branches, crc",
  skipped: "path, mtime_ms, ctime_ms, size, reason, kind",
  attempt: "path, held, death, twice",
  former: "hash, width, height, branches, crc, gone_ms, partial",
};

/** @throws where a table or a column is not there: the version says that it is */
export function checkTables(database: Database.Database): void {
  for (const [table, columns] of Object.entries(COLUMNS)) database.prepare(`select ${columns} from ${table} limit 0`);
  const triggers = database.prepare<[], number>(
    "select count(*) from sqlite_master where type = 'trigger' and tbl_name = 'image'",
  );
  if (triggers.pluck().get()! < 4) throw new WrongContentError("it lacks a trigger");
}

function versionOf(database: Database.Database): number {
  return Number(database.pragma("user_version", { simple: true }));
}

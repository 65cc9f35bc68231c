import { rmSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import Database from "better-sqlite3";
import { isDamage } from "./sqliteFailures.ts";

/** Thumbnails of indexed images, by content hash: a copy or a moved file needs no new one. */
export interface ThumbnailCache {
  get(hash: Uint8Array, size: number): Uint8Array | undefined;
  put(hash: Uint8Array, size: number, bytes: Uint8Array): void;
  /** Forgets the thumbnails of contents that are not wanted any more. */
  prune(isWanted: (hash: Uint8Array) => Promise<boolean>): Promise<void>;
  close(): void;
}

/** Name of the file, in the folder of the indexes. */
export const THUMBNAILS = "thumbnails.sqlite";

/** Bytes of thumbnails that are kept of a folder where nobody says otherwise. */
const DEFAULT_LIMIT = 256 << 20;

/** Raised when the table changes; one of another version is thrown away. */
const VERSION = 3;

const NO_CACHE: ThumbnailCache = { get: () => undefined, put: () => {}, prune: async () => {}, close: () => {} };

/**
 * Opens the cache that lies beside an index; the indexes of all models of a folder share it. It is a file of its own, so
 * that it can be deleted at any time. Where it cannot be opened, nothing is cached: thumbnails are then made each time.
 * @param folder that of the indexes
 * @param limit bytes; beyond it those go that were not used for longest
 */
export function openThumbnailCache(folder: string, limit: number = DEFAULT_LIMIT): ThumbnailCache {
  const file = join(folder, THUMBNAILS);
  const open = () => new SqliteThumbnails(openDatabase(file), limit);
  try {
    return open();
  } catch (error) {
    if (!isDamage(error)) return NO_CACHE;
  }
  try {
    // Nothing in it is worth putting aside.
    for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
    return open();
  } catch {
    return NO_CACHE;
  }
}

function openDatabase(file: string): Database.Database {
  const database = new Database(file, { timeout: 2_000 });
  try {
    // What is deleted gives its space back; only takes effect before the first table.
    database.pragma("auto_vacuum = FULL");
    database.pragma("journal_mode = WAL");
    // Losing the last thumbnails in a power cut costs nothing.
    database.pragma("synchronous = OFF");
    setUp(database);
    // The version says that it is there.
    database.prepare("select hash, size, used, bytes, crc from thumbnail limit 0");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function setUp(database: Database.Database): void {
  database
    .transaction(() => {
      if (database.pragma("user_version", { simple: true }) === VERSION) return;
      database.exec(
        `drop table if exists thumbnail;
         create table thumbnail (
           hash blob not null, size integer not null, used integer not null, bytes blob not null, crc integer not null,
           primary key (hash, size)
         );
         create index thumbnail_used on thumbnail (used);
         pragma user_version = ${VERSION}`,
      );
    })
    .immediate();
}

class SqliteThumbnails implements ThumbnailCache {
  readonly #database: Database.Database;
  readonly #limit: number;
  /** Bytes; of other processes only what was there when this one began, so each keeps to the limit by itself. */
  #total: number;

  /** Of the last use: time goes on in this order even where the clock is put back. */
  #last: number;

  constructor(database: Database.Database, limit: number) {
    this.#database = database;
    this.#limit = limit;
    this.#last = database.prepare<[], number | null>("select max(used) from thumbnail").pluck().get() ?? 0;
    this.#total = this.#sum();
    this.#trim();
  }

  get(hash: Uint8Array, size: number): Uint8Array | undefined {
    return this.#try(() => {
      const row = this.#database
        .prepare<[Uint8Array, number], { bytes: Buffer; crc: number }>(
          "select bytes, crc from thumbnail where hash = ? and size = ?",
        )
        .get(hash, size);
      // A damaged one is made again, and replaced.
      if (row === undefined || crc32(row.bytes) !== row.crc) return undefined;
      this.#database.prepare("update thumbnail set used = ? where hash = ? and size = ?").run(this.#now(), hash, size);
      return row.bytes;
    });
  }

  put(hash: Uint8Array, size: number, bytes: Uint8Array): void {
    this.#try(() => {
      this.#database
        .prepare("insert or replace into thumbnail (hash, size, used, bytes, crc) values (?, ?, ?, ?, ?)")
        .run(hash, size, this.#now(), bytes, crc32(bytes));
      this.#total += bytes.length;
      this.#trim();
    });
  }

  async prune(isWanted: (hash: Uint8Array) => Promise<boolean>): Promise<void> {
    const hashes = this.#try(() =>
      this.#database.prepare<[], Buffer>("select distinct hash from thumbnail").pluck().all(),
    );
    const remove = this.#database.prepare("delete from thumbnail where hash = ?");
    for (const hash of hashes ?? []) {
      if (!(await isWanted(hash))) this.#try(() => remove.run(hash));
    }
    this.#total = this.#try(() => this.#sum()) ?? this.#total;
  }

  close(): void {
    this.#database.close();
  }

  #now(): number {
    this.#last = Math.max(Date.now(), this.#last + 1);
    return this.#last;
  }

  /** Down to four fifths, so that not every thumbnail after the limit makes room for itself. */
  #trim(): void {
    if (this.#total <= this.#limit) return;
    const page = this.#database.prepare<[], { rowid: number; length: number }>(
      "select rowid, length(bytes) as length from thumbnail order by used limit 64",
    );
    const remove = this.#database.prepare("delete from thumbnail where rowid = ?");
    this.#total = this.#sum();
    while (this.#total > 0.8 * this.#limit) {
      const oldest = page.all();
      if (oldest.length === 0) break;
      for (const { rowid, length } of oldest) {
        if (this.#total <= 0.8 * this.#limit) break;
        remove.run(rowid);
        this.#total -= length;
      }
    }
  }

  #sum(): number {
    return this.#database.prepare<[], number | null>("select sum(length(bytes)) from thumbnail").pluck().get() ?? 0;
  }

  /** A cache that is locked, or on a full disk, is no reason for anything else to fail. */
  #try<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch {
      return undefined;
    }
  }
}

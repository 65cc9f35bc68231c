import { mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import type { ImageRecord } from "../search/index.ts";
import { fromFloat16, toFloat16 } from "./float16.ts";
import { cannotOpen, inPlainWords, isBusy, isDamage } from "./sqliteFailures.ts";
import { refuseNewer, SCHEMA_VERSION, type StoreIdentity, setUpSchema } from "./sqliteSchema.ts";
import { openSqliteSnapshot } from "./sqliteSnapshot.ts";
import {
  type KnownContent,
  type RecordState,
  type SkippedRecord,
  type Store,
  StoreError,
  type StoreHealth,
  type StoreSnapshot,
} from "./store.ts";

/** How long a writer waits while another connection holds the file, say for a vacuum. Milliseconds. */
const PATIENCE = 10 * 60_000;
/** Between two tries; others run meanwhile. Milliseconds. */
const RETRY_AFTER = 100;

/**
 * Opens or makes the SQLite database of an index. A damaged file is put aside under a new name, since everything in it
 * can be made again from the images.
 * @throws StoreError where the place cannot be written, or a newer version made the index
 */
export function openSqliteStore(file: string, identity: StoreIdentity, warn: (message: string) => void): Store {
  let database: Database.Database;
  try {
    mkdirSync(dirname(file), { recursive: true });
    database = openDatabase(file, identity);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (!isDamage(error)) throw cannotOpen(file, error);
    putAsideDamaged(file, warn);
    try {
      database = openDatabase(file, identity);
    } catch (again) {
      throw cannotOpen(file, again);
    }
  }
  return new SqliteStore(database, file, identity.dim);
}

function openDatabase(file: string, identity: StoreIdentity): Database.Database {
  const database = new Database(file, { timeout: 10_000 });
  try {
    refuseNewer(database, file);
    // The page size only takes effect before the first table, and 16 KB fits rows of several kilobytes.
    database.pragma("page_size = 16384");
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
    database.pragma("foreign_keys = ON");
    // Several processes may open a new or an old index at the same moment: one of them makes or changes the tables.
    database.transaction(() => setUpSchema(database, file, identity)).immediate();
    // From here on waiting is done between tries, where it does not hold up everything else in the process.
    database.pragma("busy_timeout = 1000");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Gives a damaged index, which nobody has open, another name: everything in it can be made again from the images. */
export function putAsideDamaged(file: string, warn: (message: string) => void): void {
  const aside = `${file}.damaged-${Date.now()}`;
  for (const suffix of ["", "-wal", "-shm"]) putAside(file + suffix, aside + suffix);
  warn(`The index ${file} was damaged. It was put aside as ${aside}; the folder is indexed again.`);
}

function putAside(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw cannotOpen(from, error);
  }
}

const IMAGE_COLUMNS = "path, mtime_ms as mtimeMs, size, hash, width, height";

class SqliteStore implements Store {
  readonly place: string;
  readonly #database: Database.Database;
  readonly #dim: number;
  #dataVersion: unknown;
  #content: Database.Statement<[Uint8Array], { width: number; height: number; branches: Buffer }> | undefined;

  constructor(database: Database.Database, place: string, dim: number) {
    this.#database = database;
    this.place = place;
    this.#dim = dim;
    this.#dataVersion = database.pragma("data_version", { simple: true });
  }

  async put(images: Parameters<Store["put"]>[0]): Promise<void> {
    const putImage = this.#database.prepare<unknown[], { id: number }>(
      `insert into image (path, mtime_ms, size, hash, width, height) values (?, ?, ?, ?, ?, ?)
       on conflict (path) do update set mtime_ms = excluded.mtime_ms, size = excluded.size, hash = excluded.hash,
         width = excluded.width, height = excluded.height
       returning id`,
    );
    const putEmbedding = this.#database.prepare(
      `insert into embedding (image_id, branches) values (?, ?)
       on conflict (image_id) do update set branches = excluded.branches`,
    );
    const unskip = this.#database.prepare("delete from skipped where path = ?");
    const tried = this.#database.prepare("delete from attempt where path = ?");
    await this.#write(() => {
      for (const { image, embedding } of images) {
        if (embedding.length !== this.#dim) throw new RangeError(`${embedding.length} values, expected ${this.#dim}`);
        const row = putImage.get(image.path, image.mtimeMs, image.size, image.hash, image.width, image.height);
        putEmbedding.run(row!.id, toFloat16(embedding));
        unskip.run(image.path);
        tried.run(image.path);
      }
    });
  }

  async remove(files: readonly RecordState[]): Promise<void> {
    if (files.length === 0) return;
    const image = this.#database.prepare("delete from image where path = ? and mtime_ms = ? and size = ?");
    const skipped = this.#database.prepare("delete from skipped where path = ? and mtime_ms = ? and size = ?");
    await this.#write(() => {
      for (const { path, mtimeMs, size } of files) {
        image.run(path, mtimeMs, size);
        skipped.run(path, mtimeMs, size);
      }
    });
  }

  async skip(files: readonly SkippedRecord[]): Promise<void> {
    const image = this.#database.prepare("delete from image where path = ?");
    const skip = this.#database.prepare(
      "insert or replace into skipped (path, mtime_ms, size, reason) values (?, ?, ?, ?)",
    );
    const tried = this.#database.prepare("delete from attempt where path = ?");
    await this.#write(() => {
      for (const file of files) {
        image.run(file.path);
        skip.run(file.path, file.mtimeMs, file.size, file.reason);
        tried.run(file.path);
      }
    });
  }

  async find(path: string): Promise<ImageRecord | undefined> {
    return this.#database.prepare<[string], ImageRecord>(`select ${IMAGE_COLUMNS} from image where path = ?`).get(path);
  }

  async count(): Promise<number> {
    return this.#database.prepare<[], number>("select count(*) from image").pluck().get()!;
  }

  async images(): Promise<RecordState[]> {
    return this.#database.prepare<[], RecordState>("select path, mtime_ms as mtimeMs, size from image").all();
  }

  async content(hash: Uint8Array): Promise<KnownContent | undefined> {
    // Asked for every new file: making the statement takes longer than running it.
    this.#content ??= this.#database.prepare(
      "select width, height, branches from image join embedding on image.id = image_id where hash = ? limit 1",
    );
    const row = this.#content.get(hash);
    if (row === undefined) return undefined;
    const embedding = new Float32Array(this.#dim);
    fromFloat16(row.branches, embedding);
    return { width: row.width, height: row.height, embedding };
  }

  async holds(hash: Uint8Array): Promise<boolean> {
    return this.#database.prepare<[Uint8Array]>("select 1 from image where hash = ? limit 1").get(hash) !== undefined;
  }

  async attempt(paths: readonly string[]): Promise<void> {
    const note = this.#database.prepare("insert or ignore into attempt (path) values (?)");
    await this.#write(() => {
      for (const path of paths) note.run(path);
    });
  }

  async attempts(): Promise<string[]> {
    return this.#database.prepare<[], string>("select path from attempt order by path").pluck().all();
  }

  async endAttempts(paths?: readonly string[]): Promise<void> {
    const one = this.#database.prepare("delete from attempt where path = ?");
    await this.#write(() => {
      if (paths === undefined) this.#database.exec("delete from attempt");
      else for (const path of paths) one.run(path);
    });
  }

  async health(): Promise<StoreHealth> {
    const count = (sql: string) => this.#database.prepare<[], number>(sql).pluck().get() ?? 0;
    // In one transaction: others may be writing.
    return this.#database.transaction(() => ({
      rows: count("select count(*) from embedding"),
      images: count("select count(*) from image"),
      duplicates: count("select count(*) - count(distinct path) from image"),
      orphans:
        count("select count(*) from embedding where image_id not in (select id from image)") +
        count("select count(*) from image where id not in (select image_id from embedding)"),
      schemaVersion: SCHEMA_VERSION,
      integrity: String(this.#database.pragma("quick_check(1)", { simple: true })),
    }))();
  }

  async skipped(): Promise<SkippedRecord[]> {
    return this.#database
      .prepare<[], SkippedRecord>("select path, mtime_ms as mtimeMs, size, reason from skipped order by path")
      .all();
  }

  async *embeddings(): AsyncGenerator<{ path: string; embedding: Float32Array }> {
    const embedding = new Float32Array(this.#dim);
    // In pages: an open cursor would bar writes on this connection for as long as the caller takes.
    const page = this.#database.prepare<[number], { id: number; path: string; branches: Buffer }>(
      `select image_id as id, path, branches from embedding join image on image.id = image_id
       where image_id > ? order by image_id limit 256`,
    );
    for (let rows = page.all(-1); rows.length > 0; rows = page.all(rows.at(-1)!.id)) {
      for (const { path, branches } of rows) {
        fromFloat16(branches, embedding);
        yield { path, embedding };
      }
      await setImmediate();
    }
  }

  async snapshot(): Promise<StoreSnapshot> {
    return openSqliteSnapshot(this.place, this.#dim);
  }

  async changedByOthers(): Promise<boolean> {
    // SQLite counts the commits of other connections only.
    const version = this.#database.pragma("data_version", { simple: true });
    const changed = version !== this.#dataVersion;
    this.#dataVersion = version;
    return changed;
  }

  async version(): Promise<string> {
    // The one counts the commits of others, the other what this connection changed.
    const own = this.#database.prepare<[], number>("select total_changes()").pluck().get();
    return `${this.#database.pragma("data_version", { simple: true })} ${own}`;
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** Immediate: a transaction that reads first could not be upgraded while another process writes. */
  async #write(work: () => void): Promise<void> {
    for (const start = performance.now(); ; ) {
      try {
        this.#database.transaction(work).immediate();
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() - start > PATIENCE) throw inPlainWords(this.place, error);
      }
      await sleep(RETRY_AFTER);
    }
  }
}

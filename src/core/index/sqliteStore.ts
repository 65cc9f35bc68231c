import { mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";
import { fromFloat16, toFloat16 } from "./float16.ts";
import { openSqliteSnapshot } from "./sqliteSnapshot.ts";
import { type ImageRecord, type SkippedRecord, type Store, StoreError, type StoreSnapshot } from "./store.ts";

/** Raised when the tables change; an index of another version is not opened. */
const SCHEMA_VERSION = 1;

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

interface StoreIdentity {
  /** Real path of the indexed folder; kept so that a person can tell whose index this is. */
  readonly folder: string;
  readonly fingerprint: string;
  /** Values per embedding. */
  readonly dim: number;
}

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
    const aside = `${file}.damaged-${Date.now()}`;
    for (const suffix of ["", "-wal", "-shm"]) putAside(file + suffix, aside + suffix);
    warn(`The index ${file} was damaged. It was put aside as ${aside}; the folder is indexed again.`);
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
    // The page size only takes effect before the first table, and 16 KB fits rows of several kilobytes.
    database.pragma("page_size = 16384");
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
    database.pragma("foreign_keys = ON");
    // Two processes may open a new index at the same moment: one of them makes the tables.
    database.transaction(() => setUp(database, file, identity)).immediate();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function setUp(database: Database.Database, file: string, identity: StoreIdentity): void {
  const version = database.pragma("user_version", { simple: true });
  if (version === 0) {
    database.exec(SCHEMA);
    const put = database.prepare("insert into meta (key, value) values (?, ?)");
    for (const [key, value] of Object.entries(identity)) put.run(key, String(value));
    database.pragma(`user_version = ${SCHEMA_VERSION}`);
    return;
  }
  if (version !== SCHEMA_VERSION) {
    throw new StoreError(
      `The index ${file} was made by another version of Lookalike (format ${version}, expected ${SCHEMA_VERSION}). ` +
        "Update Lookalike, or delete that file and index the folder again.",
    );
  }
  const fingerprint = database.prepare("select value from meta where key = 'fingerprint'").pluck().get();
  if (fingerprint !== identity.fingerprint) {
    throw new StoreError(`The index ${file} belongs to another model. Delete that file and index the folder again.`);
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

function cannotOpen(file: string, error: unknown): StoreError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError(
    `The index ${file} cannot be opened (${reason}). Check that the folder can be written, or choose another place.`,
    { cause: error },
  );
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
    this.#write(() => {
      for (const { image, embedding } of images) {
        if (embedding.length !== this.#dim) throw new RangeError(`${embedding.length} values, expected ${this.#dim}`);
        const row = putImage.get(image.path, image.mtimeMs, image.size, image.hash, image.width, image.height);
        putEmbedding.run(row!.id, toFloat16(embedding));
        unskip.run(image.path);
      }
    });
  }

  async remove(paths: readonly string[]): Promise<void> {
    const image = this.#database.prepare("delete from image where path = ?");
    const skipped = this.#database.prepare("delete from skipped where path = ?");
    this.#write(() => {
      for (const path of paths) {
        image.run(path);
        skipped.run(path);
      }
    });
  }

  async skip(files: readonly SkippedRecord[]): Promise<void> {
    const image = this.#database.prepare("delete from image where path = ?");
    const skip = this.#database.prepare(
      "insert or replace into skipped (path, mtime_ms, size, reason) values (?, ?, ?, ?)",
    );
    this.#write(() => {
      for (const file of files) {
        image.run(file.path);
        skip.run(file.path, file.mtimeMs, file.size, file.reason);
      }
    });
  }

  async find(path: string): Promise<ImageRecord | undefined> {
    return this.#database.prepare<[string], ImageRecord>(`select ${IMAGE_COLUMNS} from image where path = ?`).get(path);
  }

  async images(): Promise<{ path: string; mtimeMs: number; size: number }[]> {
    return this.#database
      .prepare<[], { path: string; mtimeMs: number; size: number }>("select path, mtime_ms as mtimeMs, size from image")
      .all();
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

  async clear(): Promise<void> {
    this.#write(() => this.#database.exec("delete from embedding; delete from image; delete from skipped"));
  }

  async changedByOthers(): Promise<boolean> {
    // SQLite counts the commits of other connections only.
    const version = this.#database.pragma("data_version", { simple: true });
    const changed = version !== this.#dataVersion;
    this.#dataVersion = version;
    return changed;
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** Immediate: a transaction that reads first could not be upgraded while another process writes. */
  #write(work: () => void): void {
    this.#database.transaction(work).immediate();
  }
}

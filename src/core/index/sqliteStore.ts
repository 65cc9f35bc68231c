import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";
import type Database from "better-sqlite3";
import type { ImageRecord } from "../search/index.ts";
import { fromFloat16, isWhole, toFloat16 } from "./float16.ts";
import { isInside } from "./insideOnly.ts";
import { takeHeld } from "./sqliteAttempts.ts";
import { sqliteChanges } from "./sqliteChanges.ts";
import { findDamaged, healthOf, isVerifyDue, noteVerified, takeOut } from "./sqliteHealth.ts";
import { noteOf, putNote, skippedOf } from "./sqliteNotes.ts";
import { markOf, pathsElsewhere, pathWith, SqliteRows } from "./sqliteRows.ts";
import type { StoredContent } from "./sqliteSchema.ts";
import { openSqliteSnapshot } from "./sqliteSnapshot.ts";
import { inTransaction } from "./sqliteWrite.ts";
import {
  type Changes,
  type HeldFile,
  type KnownContent,
  type ReadRow,
  type RecordState,
  type RowPlace,
  type SkippedRecord,
  type Store,
  StoreError,
  type StoreHealth,
  type StoreSnapshot,
} from "./store.ts";

/** Records that are removed, or filled in, at once. */
const REMOVED = 1024;
const IMAGE_COLUMNS = "path, mtime_ms as mtimeMs, ctime_ms as ctimeMs, size, hash, width, height, partial";

/** The store of one index in an SQLite database. */
export class SqliteStore implements Store {
  readonly place: string;
  readonly changes: Changes;
  readonly #connection: Database.Database;
  readonly #dim: number;
  readonly #warn: (message: string) => void;
  #verified = false;
  #toldDamage = false;
  #dataVersion: unknown;
  #rows: SqliteRows | undefined;
  #content: Database.Statement<[{ hash: Uint8Array }], StoredContent> | undefined;

  constructor(database: Database.Database, place: string, dim: number, warn: (message: string) => void) {
    this.#connection = database;
    this.changes = sqliteChanges(database);
    this.place = place;
    this.#dim = dim;
    this.#warn = warn;
    this.#dataVersion = database.pragma("data_version", { simple: true });
  }

  /** @throws StoreError where the store was closed, as where its index was deleted while a request was under way */
  get #database(): Database.Database {
    if (this.#connection.open) return this.#connection;
    throw new StoreError(
      `The index ${this.place} was closed meanwhile: it was deleted, or another one took its place. Try again.`,
    );
  }

  async put(images: Parameters<Store["put"]>[0]): Promise<void> {
    const putImage = this.#database.prepare<unknown[], { id: number }>(
      `insert into image (path, mtime_ms, ctime_ms, size, hash, width, height, partial) values (?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (path) do update set mtime_ms = excluded.mtime_ms, ctime_ms = excluded.ctime_ms, size = excluded.size,
         hash = excluded.hash, width = excluded.width, height = excluded.height, partial = excluded.partial
       returning id`,
    );
    const putEmbedding = this.#database.prepare(
      `insert into embedding (image_id, branches, crc) values (?, ?, ?)
       on conflict (image_id) do update set branches = excluded.branches, crc = excluded.crc`,
    );
    const unskip = this.#database.prepare("delete from skipped where path = ?");
    const tried = this.#database.prepare("delete from attempt where path = ?");
    await this.#write(() => {
      for (const { image, embedding } of images) {
        if (embedding.length !== this.#dim) throw new RangeError(`${embedding.length} values, expected ${this.#dim}`);
        const { path, mtimeMs, ctimeMs, size, hash, width, height, partial = false } = image;
        const row = putImage.get(path, mtimeMs, ctimeMs, size, hash, width, height, Number(partial));
        const branches = toFloat16(embedding);
        putEmbedding.run(row!.id, branches, crc32(branches));
        unskip.run(path);
        tried.run(path);
      }
    });
  }

  async remove(files: readonly RecordState[]): Promise<void> {
    if (files.length === 0) return;
    const image = this.#database.prepare("delete from image where path = ? and mtime_ms = ? and size = ?");
    const skipped = this.#database.prepare("delete from skipped where path = ? and mtime_ms = ? and size = ?");
    // In parts: what is put by has the size of an embedding, and a transaction of a million of them takes as much of the disk.
    for (let start = 0; start < files.length; start += REMOVED) {
      await this.#write(() => {
        for (const { path, mtimeMs, size } of files.slice(start, start + REMOVED)) {
          image.run(path, mtimeMs, size);
          skipped.run(path, mtimeMs, size);
        }
      });
      await setImmediate();
    }
  }

  async expire(before: number): Promise<void> {
    const any = this.#database.prepare<[number]>("select 1 from former where gone_ms < ? limit 1");
    if (any.get(before) === undefined) return;
    const expire = this.#database.prepare("delete from former where gone_ms < ?");
    await this.#write(() => expire.run(before));
  }

  async fillIn(files: readonly RecordState[]): Promise<void> {
    const fill = this.#database.prepare(
      "update image set ctime_ms = ? where path = ? and ctime_ms is null and mtime_ms = ? and size = ?",
    );
    for (let start = 0; start < files.length; start += REMOVED) {
      await this.#write(() => {
        for (const { path, mtimeMs, ctimeMs, size } of files.slice(start, start + REMOVED)) {
          fill.run(ctimeMs, path, mtimeMs, size);
        }
      });
      await setImmediate();
    }
  }

  async skip(files: readonly SkippedRecord[]): Promise<void> {
    const image = this.#database.prepare("delete from image where path = ?");
    const skip = this.#database.prepare(
      "insert or replace into skipped (path, mtime_ms, ctime_ms, size, reason, kind) values (?, ?, ?, ?, ?, ?)",
    );
    const tried = this.#database.prepare("delete from attempt where path = ?");
    await this.#write(() => {
      for (const file of files) {
        image.run(file.path);
        skip.run(file.path, file.mtimeMs, file.ctimeMs, file.size, file.reason, file.kind ?? null);
        tried.run(file.path);
      }
    });
  }

  async find(path: string): Promise<ImageRecord | undefined> {
    const one = this.#database.prepare<[string], Omit<ImageRecord, "partial"> & { partial: number }>(
      `select ${IMAGE_COLUMNS} from image where path = ?`,
    );
    const row = one.get(path);
    return row === undefined ? undefined : { ...row, partial: row.partial === 1 };
  }

  async count(): Promise<number> {
    return this.#database.prepare<[], number>("select count(*) from image").pluck().get()!;
  }

  async images(): Promise<RecordState[]> {
    const all = "select path, mtime_ms as mtimeMs, ctime_ms as ctimeMs, size from image";
    return this.#database.prepare<[], RecordState>(all).all();
  }

  async content(hash: Uint8Array): Promise<KnownContent | undefined> {
    // Asked for every new file: making the statement takes longer than running it.
    const database = this.#database;
    this.#content ??= database.prepare(
      `select width, height, partial, branches, crc from image join embedding on image.id = image_id where hash = @hash
       union all select width, height, partial, branches, crc from former where hash = @hash`,
    );
    // Damaged ones are as good as none.
    const row = this.#content.all({ hash }).find(({ branches, crc }) => isWhole(branches, crc, this.#dim));
    if (row === undefined) return undefined;
    const embedding = new Float32Array(this.#dim);
    fromFloat16(row.branches, embedding);
    return { width: row.width, height: row.height, partial: row.partial === 1, embedding };
  }

  async holder(hash: Uint8Array): Promise<string | undefined> {
    return pathWith(this.#database, hash);
  }

  async elsewhere(path: string): Promise<string[]> {
    return pathsElsewhere(this.#database, path);
  }

  async attempt(paths: readonly string[]): Promise<void> {
    const note = this.#database.prepare(
      "insert into attempt (path) values (?) on conflict (path) do update set held = 1",
    );
    await this.#write(() => {
      for (const path of paths) note.run(path);
    });
  }

  async heldAtDeath(isOurs?: (path: string) => boolean): Promise<HeldFile[]> {
    let held: HeldFile[] = [];
    await this.#write(() => {
      held = takeHeld(this.#database, isOurs);
    });
    return held;
  }

  async endAttempts(paths?: readonly string[]): Promise<void> {
    const one = this.#database.prepare("delete from attempt where path = ?");
    await this.#write(() => {
      if (paths === undefined) this.#database.exec("delete from attempt");
      else for (const path of paths) one.run(path);
    });
  }

  async health(): Promise<StoreHealth> {
    return healthOf(this.#database);
  }

  async verify(): Promise<string[]> {
    if (this.#verified || !isVerifyDue(this.#database)) return [];
    const damaged = await findDamaged(this.#database, this.#dim);
    let paths: string[] = [];
    await this.#write(() => {
      paths = takeOut(this.#database, damaged);
      noteVerified(this.#database);
    });
    this.#verified = true;
    if (paths.length > 0) {
      this.#warn(`${paths.length} embeddings in the index ${this.place} were damaged. They are made again.`);
    }
    return paths;
  }

  async skipped(): Promise<SkippedRecord[]> {
    return skippedOf(this.#database);
  }

  async partial(): Promise<string[]> {
    return this.#database.prepare<[], string>("select path from image where partial = 1 order by path").pluck().all();
  }

  async *embeddings(): AsyncGenerator<{ path: string; embedding: Float32Array; key: number; mark: number }> {
    const embedding = new Float32Array(this.#dim);
    // In pages: an open cursor would bar writes on this connection for as long as the caller takes.
    const page = (after: number) =>
      this.#database
        .prepare<[number], { id: number; path: string; branches: Buffer; crc: number | null }>(
          `select image_id as id, path, branches, crc from embedding join image on image.id = image_id
           where image_id > ? order by image_id limit 256`,
        )
        .all(after);
    for (let rows = page(-1); rows.length > 0; rows = page(rows.at(-1)!.id)) {
      for (const { id: key, path, branches, crc } of rows) {
        if (!isInside(path)) continue;
        if (isWhole(branches, crc, this.#dim)) {
          fromFloat16(branches, embedding);
          yield { path, embedding, key, mark: markOf(branches, crc) };
        } else this.#tellDamage();
      }
      await setImmediate();
    }
  }

  async embeddingsOf(images: readonly RowPlace[]): Promise<(ReadRow | null)[]> {
    this.#rows ??= new SqliteRows(this.#database, this.#dim);
    return this.#rows.read(images);
  }

  /** Once is enough: each search reads them again. */
  #tellDamage(): void {
    if (this.#toldDamage) return;
    this.#toldDamage = true;
    this.#warn(`Some embeddings in the index ${this.place} are damaged, and are left out. Index the folder again.`);
  }

  async snapshot(): Promise<StoreSnapshot> {
    return openSqliteSnapshot(this.place, this.#dim);
  }

  async note(name: string): Promise<string | null> {
    return noteOf(this.#database, name);
  }

  async keepNote(name: string, text: string): Promise<void> {
    await this.#write(() => putNote(this.#database, name, text));
  }

  async changedByOthers(): Promise<boolean> {
    const version = this.#database.pragma("data_version", { simple: true }); // Of other connections only.
    const changed = version !== this.#dataVersion;
    this.#dataVersion = version;
    return changed;
  }

  async version(): Promise<string> {
    // The one counts the commits of others, the other its own changes.
    const own = this.#database.prepare<[], number>("select total_changes()").pluck().get();
    return `${this.#database.pragma("data_version", { simple: true })} ${own}`;
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #write(work: () => void): Promise<void> {
    return inTransaction(() => this.#database, this.place, work);
  }
}

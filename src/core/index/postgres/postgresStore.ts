import type { ImageRecord } from "../../search/index.ts";
import type {
  EmbeddedImage,
  Following,
  HeldFile,
  KnownContent,
  ReadRow,
  RecordState,
  RowPlace,
  SkippedRecord,
  Store,
  StoreHealth,
  StoreSnapshot,
} from "../store.ts";
import { endAttempts, noteAttempts, takeHeld } from "./attempts.ts";
import { changesOf, OwnChanges } from "./changes.ts";
import { copyIn } from "./copyIn.ts";
import { type Database, LONG } from "./database.ts";
import { following } from "./following.ts";
import { healthOf } from "./health.ts";
import { noteOf, putNote } from "./notes.ts";
import { type ImageRow, pagesOf, type Reader, recordOf, STATE_COLUMNS } from "./reading.ts";
import { COLUMNS, columnsOf, type PostgresIndex, readInto, type StoredVector, vectorColumns } from "./rows.ts";
import { embeddingsByPath, type PathRow, readAs } from "./rowsByPath.ts";
import { openSnapshot } from "./snapshot.ts";
import { FILL_IN, INCOMING, putStatement, removeStatement, skipStatement, TAKE_OUT } from "./statements.ts";

/** From so many images on, COPY is faster than a statement with lists. */
const BY_COPY = 512;
/** Records that are removed, or filled in, at once. */
const REMOVED = 1024;
/** Of as many rows each opening looks at all. */
const SMALL = 20_000;
/** Milliseconds. */
const DAY = 24 * 60 * 60_000;
const SLOTS = 64;

/** The store of one index in a PostgreSQL database. */
export class PostgresStore implements Store {
  readonly place: string;
  readonly following: Following;
  readonly changes: OwnChanges;
  readonly #database: Database;
  readonly #index: PostgresIndex;
  readonly #warn: (message: string) => void;
  readonly #slot = Math.floor(Math.random() * SLOTS);
  readonly #damaged = new Set<string>();
  #counted: { readonly at: number; readonly count: number } | undefined;
  #verified = false;
  #toldDamage = false;

  /** @param changes how many there were when it was opened */
  constructor(
    database: Database,
    index: PostgresIndex,
    changes: number,
    place: string,
    warn: (message: string) => void,
  ) {
    this.#database = database;
    this.#index = index;
    this.changes = new OwnChanges(database, index, changes);
    this.place = place;
    this.following = following(database, index);
    this.#warn = warn;
  }

  async put(images: readonly EmbeddedImage[]): Promise<void> {
    if (images.length === 0) return;
    const { id, dim, vectors } = this.#index;
    const columns = columnsOf(images, dim, vectors);
    if (images.length < BY_COPY) return this.#change(putStatement(vectors, "lists"), columns);
    await this.#database.transaction(async (client) => {
      await client.query(INCOMING);
      const names = COLUMNS.map(([name]) => name);
      await copyIn(
        client,
        "incoming",
        names,
        images.map((_, row) => columns.map((column) => column[row])),
      );
      await client.query(putStatement(vectors, "incoming"), [id, this.#slot]);
    });
    this.changes.noteOwn();
  }

  async remove(files: readonly RecordState[]): Promise<void> {
    for (let start = 0; start < files.length; start += REMOVED) {
      const some = files.slice(start, start + REMOVED);
      await this.#change(removeStatement(this.#index.vectors), [
        some.map(({ path }) => path),
        some.map(({ mtimeMs }) => mtimeMs),
        some.map(({ size }) => size),
      ]);
    }
  }

  async expire(before: number): Promise<void> {
    const until = before === Number.POSITIVE_INFINITY ? "infinity" : before;
    await this.#query("delete from lookalike.former where index_id = $1 and gone_ms < $2::double precision", [until]);
    // Who follows looks more often, or reads all again.
    await this.#query("delete from lookalike.gone where index_id = $1 and gone_ms < $2", [Date.now() - DAY]);
  }

  async fillIn(files: readonly RecordState[]): Promise<void> {
    for (let start = 0; start < files.length; start += REMOVED) {
      const some = files.slice(start, start + REMOVED);
      await this.#query(FILL_IN, [
        some.map(({ path }) => path),
        some.map(({ ctimeMs }) => ctimeMs),
        some.map(({ mtimeMs }) => mtimeMs),
        some.map(({ size }) => size),
      ]);
    }
  }

  async skip(files: readonly SkippedRecord[]): Promise<void> {
    if (files.length === 0) return;
    await this.#change(skipStatement(this.#index.vectors), [
      files.map(({ path }) => path),
      files.map(({ mtimeMs }) => mtimeMs),
      files.map(({ ctimeMs }) => ctimeMs),
      files.map(({ size }) => size),
      // What a decoder says may hold a NUL, which no text here can.
      files.map(({ reason }) => reason.replaceAll("\0", " ")),
      files.map(({ kind }) => kind ?? null),
    ]);
  }

  async find(path: string): Promise<ImageRecord | undefined> {
    return (await this.findMany([path]))[0];
  }

  async findMany(paths: readonly string[]): Promise<ImageRecord[]> {
    const rows = await this.#query<ImageRow>(
      `select ${STATE_COLUMNS}, hash, width, height, partial from lookalike.image
       where index_id = $1 and path = any($2::text[])`,
      [paths],
      1,
      paths.length,
    );
    return rows.map(recordOf);
  }

  async count(): Promise<number> {
    // Counting goes through all rows, and each search asks.
    const at = await changesOf(this.#database, this.#index.id);
    if (this.#counted?.at === at) return this.#counted.count;
    const { count } = await this.#database.first<{ count: number }>(
      "select count(*)::double precision as count from lookalike.image where index_id = $1",
      [this.#index.id],
      LONG,
    );
    this.#counted = { at, count };
    return count;
  }

  images(): Promise<RecordState[]> {
    return this.#query<RecordState>(`select ${STATE_COLUMNS} from lookalike.image where index_id = $1`, [], LONG);
  }

  async content(hash: Uint8Array): Promise<KnownContent | undefined> {
    const columns = `width, height, partial, ${vectorColumns(this.#index.vectors)}`;
    const rows = await this.#query<StoredVector & { width: number; height: number; partial: boolean }>(
      `(select ${columns} from lookalike.image where index_id = $1 and hash = $2 limit 4)
       union all (select ${columns} from lookalike.former where index_id = $1 and hash = $2)`,
      [Buffer.from(hash)],
    );
    for (const row of rows) {
      const embedding = new Float32Array(this.#index.dim);
      const { width, height, partial } = row;
      // Damaged ones are as good as none.
      if (readInto(row, embedding)) return { width, height, partial, embedding };
    }
    return undefined;
  }

  async holder(hash: Uint8Array): Promise<string | undefined> {
    const rows = await this.#query<{ path: string }>(
      "select path from lookalike.image where index_id = $1 and hash = $2",
      [Buffer.from(hash)],
    );
    return rows.map(({ path }) => path).sort()[0];
  }

  async elsewhere(path: string): Promise<string[]> {
    const rows = await this.#query<{ path: string }>(
      `select path from lookalike.image where index_id = $1 and path <> $2
         and hash = (select hash from lookalike.image where index_id = $1 and path = $2)`,
      [path],
    );
    return rows.map((row) => row.path);
  }

  attempt(paths: readonly string[]): Promise<void> {
    return noteAttempts(this.#database, this.#index.id, paths);
  }

  heldAtDeath(isOurs?: (path: string) => boolean): Promise<HeldFile[]> {
    return takeHeld(this.#database, this.#index.id, isOurs);
  }

  endAttempts(paths?: readonly string[]): Promise<void> {
    return endAttempts(this.#database, this.#index.id, paths);
  }

  health(): Promise<StoreHealth> {
    return healthOf(this.#database, this.#index);
  }

  async verify(): Promise<string[]> {
    // Of a large one those go that were found damaged while it was read: reading all of it takes minutes.
    if (!this.#verified && (await this.count()) <= SMALL) {
      for await (const _ of this.embeddings());
    }
    this.#verified = true;
    const paths = [...this.#damaged].sort();
    if (paths.length === 0) return [];
    await this.#change(TAKE_OUT, [paths]);
    this.#damaged.clear();
    this.#warn(`${paths.length} embeddings in the index ${this.place} were damaged. They are made again.`);
    return paths;
  }

  async skipped(): Promise<SkippedRecord[]> {
    const rows = await this.#query<RecordState & { reason: string; kind: string | null }>(
      `select ${STATE_COLUMNS}, reason, kind from lookalike.skipped where index_id = $1 order by path`,
    );
    return rows.map(({ kind, ...record }) => (kind === null ? record : { ...record, kind }));
  }

  async partial(): Promise<string[]> {
    const rows = await this.#query<{ path: string }>(
      "select path from lookalike.image where index_id = $1 and partial order by path",
    );
    return rows.map(({ path }) => path);
  }

  async *embeddings(): AsyncGenerator<ReadRow & { path: string }> {
    const embedding = new Float32Array(this.#index.dim);
    const columns = `path, ${vectorColumns(this.#index.vectors)}`;
    for await (const row of pagesOf<PathRow>(this.#reader, this.#index.id, columns)) {
      if (readInto(row, embedding)) yield { path: row.path, ...readAs(row), embedding };
      else this.#tellDamage(row.path);
    }
  }

  embeddingsOf(images: readonly RowPlace[]): Promise<(ReadRow | null)[]> {
    return embeddingsByPath(this.#database, this.#index, images);
  }

  #tellDamage(path: string): void {
    this.#damaged.add(path);
    if (this.#toldDamage || !this.#verified) return;
    this.#toldDamage = true;
    this.#warn(`Some embeddings in the index ${this.place} are damaged, and are left out. Index the folder again.`);
  }

  note(name: string): Promise<string | null> {
    return noteOf(this.#database, this.#index.id, name);
  }

  keepNote(name: string, text: string): Promise<void> {
    return putNote(this.#database, this.#index.id, name, text);
  }

  snapshot(): Promise<StoreSnapshot> {
    return openSnapshot(this.#database, this.#index, this.place);
  }

  changedByOthers(): Promise<boolean> {
    return this.changes.haveOthers();
  }

  async version(): Promise<string> {
    return String(await changesOf(this.#database, this.#index.id));
  }

  /** The connections are those of the place. */
  async close(): Promise<void> {}

  readonly #reader: Reader = (text, values, most, check) => this.#database.query(text, values, 1, most, check);

  #query<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    answer?: number,
    most?: number,
  ): Promise<Row[]> {
    return this.#database.query<Row>(text, [this.#index.id, ...values], answer, most);
  }

  async #change(text: string, values: readonly unknown[]): Promise<void> {
    await this.#query(text, [this.#slot, ...values]);
    this.changes.noteOwn();
  }
}

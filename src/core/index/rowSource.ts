import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";
import type { ImageRecord } from "../search/index.ts";
import { cannotOpen } from "./sqliteFailures.ts";
import { refuseForeign } from "./sqliteForeign.ts";
import { notesOf } from "./sqliteNotes.ts";
import { SCHEMA_VERSION } from "./sqliteSchema.ts";
import { type SkippedRecord, StoreError } from "./store.ts";

/** An image with its embedding as it is stored. */
export interface StoredRow {
  readonly image: ImageRecord;
  /** float16, little endian. */
  readonly branches: Uint8Array;
}

/** An index that is read from one end to the other, and not changed. */
export interface RowSource {
  /** For messages. */
  readonly place: string;
  count(): Promise<number>;
  /** In the order of the paths' code points. */
  rows(): AsyncIterable<StoredRow>;
  skipped(): Promise<readonly SkippedRecord[]>;
  /** Texts that were kept beside the images, by name. */
  notes(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

interface Row extends Omit<ImageRecord, "partial"> {
  readonly partial: number;
  readonly branches: Buffer;
}

const ROWS = `select path, mtime_ms as mtimeMs, ctime_ms as ctimeMs, size, hash, width, height, partial, branches
  from image join embedding on image.id = image_id order by path`;
/** Rows between two chances for others to run. */
const PAGE = 256;

/** @throws StoreError where the file cannot be read, or has another format */
export function openSqliteRows(file: string): RowSource {
  const database = open(file);
  return {
    place: file,
    count: async () => database.prepare<[], number>("select count(*) from image").pluck().get()!,
    rows: () => rows(database),
    skipped: async () =>
      database
        .prepare<[], SkippedRecord & { kind: string | null }>(
          "select path, mtime_ms as mtimeMs, ctime_ms as ctimeMs, size, reason, kind from skipped",
        )
        .all()
        .map(({ kind, ...rest }) => (kind === null ? rest : { ...rest, kind })),
    notes: async () => notesOf(database),
    close: async () => void database.close(),
  };
}

async function* rows(database: Database.Database): AsyncGenerator<StoredRow> {
  let count = 0;
  for (const { branches, partial, ...image } of database.prepare<[], Row>(ROWS).iterate()) {
    yield { image: { ...image, partial: partial === 1 }, branches };
    if (++count % PAGE === 0) await setImmediate();
  }
}

function open(file: string): Database.Database {
  let database: Database.Database;
  try {
    database = new Database(file, { readonly: true, fileMustExist: true, timeout: 10_000 });
  } catch (error) {
    throw cannotOpen(file, error);
  }
  const version = Number(database.pragma("user_version", { simple: true }));
  if (version === SCHEMA_VERSION) {
    try {
      refuseForeign(database);
      return database;
    } catch (error) {
      database.close();
      throw cannotOpen(file, error);
    }
  }
  database.close();
  throw new StoreError(
    `The index ${file} has format ${version}, and ${SCHEMA_VERSION} is copied. Use it once with this version of Lookalike first.`,
  );
}

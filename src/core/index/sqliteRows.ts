import { crc32 } from "node:zlib";
import type Database from "better-sqlite3";
import { fromFloat16, isWhole } from "./float16.ts";
import type { ReadRow, RowPlace } from "./store.ts";

interface Row {
  readonly key: number;
  readonly branches: Buffer;
  readonly crc: number | null;
}

/** Rows that are asked for at once. */
const PAGE = 1024;

/** Reads embeddings of some images again and again. */
export class SqliteRows {
  readonly #byPath: Database.Statement<[string], Row>;
  readonly #byKeys: Database.Statement<[string], Row>;
  readonly #dim: number;

  constructor(database: Database.Database, dim: number) {
    this.#byPath = database.prepare(
      "select image_id as key, branches, crc from image join embedding on image.id = image_id where path = ?",
    );
    this.#byKeys = database.prepare(
      "select image_id as key, branches, crc from json_each(?) join embedding on image_id = value",
    );
    this.#dim = dim;
  }

  /** In their order; null for one that is not there, or damaged. By its key a row is found in a quarter of the time. */
  read(images: readonly RowPlace[]): (ReadRow | null)[] {
    const read: (ReadRow | null)[] = [];
    for (let at = 0; at < images.length; at += PAGE) {
      const page = images.slice(at, at + PAGE);
      const keys = page.flatMap(({ key }) => (key > 0 ? [key] : []));
      const keyed = keys.length === 0 ? [] : this.#byKeys.all(JSON.stringify(keys));
      const found = new Map(keyed.map((row) => [row.key, row]));
      for (const { path, key } of page) {
        read.push(valuesOf(key > 0 ? found.get(key) : this.#byPath.get(path), this.#dim));
      }
    }
    return read;
  }
}

function valuesOf(row: Row | undefined, dim: number): ReadRow | null {
  if (row === undefined || !isWhole(row.branches, row.crc, dim)) return null;
  const embedding = new Float32Array(dim);
  fromFloat16(row.branches, embedding);
  return { key: row.key, mark: markOf(row.branches, row.crc), embedding };
}

/** Tells an embedding from one that an image had before. */
export function markOf(branches: Buffer, crc: number | null): number {
  return crc ?? crc32(branches);
}

/** The first path by name of the images that have a content. */
export function pathWith(database: Database.Database, hash: Uint8Array): string | undefined {
  return database
    .prepare<[Uint8Array], string>("select path from image where hash = ? order by path limit 1")
    .pluck()
    .get(hash);
}

/** Paths of the other images that have the content of this one. */
export function pathsElsewhere(database: Database.Database, path: string): string[] {
  return database
    .prepare<[string, string], string>(
      "select path from image where hash = (select hash from image where path = ?) and path <> ?",
    )
    .pluck()
    .all(path, path);
}

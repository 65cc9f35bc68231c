import { dirname, join } from "node:path";
import Database from "better-sqlite3";

/** Thumbnails of indexed images, by content hash: a copy or a moved file needs no new one. */
export interface ThumbnailCache {
  get(hash: Uint8Array, size: number): Uint8Array | undefined;
  put(hash: Uint8Array, size: number, bytes: Uint8Array): void;
  close(): void;
}

/**
 * Opens the cache that lies beside an index; the indexes of all models of a folder share it. It is a file of its own, so
 * that it can be deleted at any time. Where it cannot be opened, nothing is cached: thumbnails are then made each time.
 */
export function openThumbnailCache(indexFile: string): ThumbnailCache {
  let database: Database.Database;
  try {
    database = new Database(join(dirname(indexFile), "thumbnails.sqlite"), { timeout: 2_000 });
    database.pragma("journal_mode = WAL");
    // Losing the last thumbnails in a power cut costs nothing.
    database.pragma("synchronous = OFF");
    database.exec(
      `create table if not exists thumbnail (
         hash blob not null, size integer not null, bytes blob not null, primary key (hash, size)
       )`,
    );
  } catch {
    return { get: () => undefined, put: () => {}, close: () => {} };
  }
  const get = database.prepare<[Uint8Array, number], { bytes: Buffer }>(
    "select bytes from thumbnail where hash = ? and size = ?",
  );
  const put = database.prepare("insert or replace into thumbnail (hash, size, bytes) values (?, ?, ?)");
  return {
    get: (hash, size) => get.get(hash, size)?.bytes,
    put: (hash, size, bytes) => void put.run(hash, size, bytes),
    close: () => database.close(),
  };
}

import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";
import { fromFloat16, isWhole } from "./float16.ts";
import { StoreError, type StoreSnapshot } from "./store.ts";

/** Rows between two chances for others to run. */
const PAGE = 256;

/**
 * A read transaction on a connection of its own: with WAL it sees one state for as long as it lasts, and bars nobody from
 * writing.
 * @param file of a store that is open
 */
export function openSqliteSnapshot(file: string, dim: number): StoreSnapshot {
  const database = new Database(file, { readonly: true, timeout: 10_000 });
  try {
    database.exec("begin");
    // SQLite orders text by its UTF-8 bytes, which is the order of code points.
    const paths = database
      .prepare<[], string>("select path from image join embedding on image.id = image_id order by path")
      .pluck()
      .all();
    return { paths, embeddings: () => embeddings(database, file, dim), close: async () => void database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function* embeddings(database: Database.Database, file: string, dim: number): AsyncGenerator<Float32Array> {
  const embedding = new Float32Array(dim);
  const rows = database.prepare<[], { path: string; branches: Buffer; crc: number | null }>(
    "select path, branches, crc from image join embedding on image.id = image_id order by path",
  );
  let count = 0;
  for (const { path, branches, crc } of rows.iterate()) {
    if (!isWhole(branches, crc, dim)) {
      throw new StoreError(`The embedding of ${path} in the index ${file} is damaged. Index the folder again.`);
    }
    fromFloat16(branches, embedding);
    yield embedding;
    if (++count % PAGE === 0) await setImmediate();
  }
}

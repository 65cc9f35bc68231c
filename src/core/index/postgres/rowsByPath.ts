import type { ReadRow, RowPlace } from "../store.ts";
import type { Database } from "./database.ts";
import { type PostgresIndex, readInto, type StoredVector, vectorColumns } from "./rows.ts";

/** Rows are found by their paths, which are their keys here. */
const BY_PATH = 0;

export type PathRow = StoredVector & { readonly path: string };

/** Those of some images that are there, in any order. */
export function rowsByPath(
  database: Database,
  { id, vectors }: PostgresIndex,
  paths: readonly string[],
): Promise<PathRow[]> {
  return database.query<PathRow>(
    `select path, ${vectorColumns(vectors)} from lookalike.image where index_id = $1 and path = any($2::text[])`,
    [id, paths],
    1,
    paths.length,
  );
}

/** Reads embeddings of some images again, in one statement: in their order, null for one that is not there, or damaged. */
export async function embeddingsByPath(
  database: Database,
  index: PostgresIndex,
  images: readonly RowPlace[],
): Promise<(ReadRow | null)[]> {
  const paths = images.map(({ path }) => path);
  const found = new Map((await rowsByPath(database, index, paths)).map((row) => [row.path, row]));
  return paths.map((path) => {
    const row = found.get(path);
    const embedding = new Float32Array(index.dim);
    return row !== undefined && readInto(row, embedding) ? { ...readAs(row), embedding } : null;
  });
}

/** What tells an embedding from one that its image had before. */
export const readAs = ({ crc }: StoredVector): Omit<ReadRow, "embedding"> => ({ key: BY_PATH, mark: Number(crc) });

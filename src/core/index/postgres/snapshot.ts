import { isInside } from "../insideOnly.ts";
import { StoreError, type StoreSnapshot } from "../store.ts";
import { rowsOf } from "./answers.ts";
import { type Database, LONG } from "./database.ts";
import type { BoundedQuery } from "./guardedClient.ts";
import { pagesOf } from "./reading.ts";
import { type PostgresIndex, readInto, type StoredVector, vectorColumns } from "./rows.ts";

/** A read transaction on a connection of its own, which sees one state for as long as it lasts. */
export async function openSnapshot(database: Database, index: PostgresIndex, place: string): Promise<StoreSnapshot> {
  const client = await database.session(LONG);
  const read = async <Row extends object>(
    text: string,
    values: readonly unknown[],
    most?: number,
    check: (rows: readonly Row[]) => void = () => {},
  ) => {
    try {
      const query: BoundedQuery = { text, values: [...values], ...(most === undefined ? {} : { most }) };
      const rows = rowsOf<Row>(await client.query(query));
      check(rows);
      return rows;
    } catch (error) {
      throw database.plainly(error);
    }
  };
  try {
    await read("begin isolation level repeatable read, read only", []);
    const rows = await read<{ path: string }>("select path from lookalike.image where index_id = $1 order by path", [
      index.id,
    ]);
    return {
      paths: rows.map(({ path }) => path).filter(isInside),
      embeddings: () => embeddings(read, index, place),
      close: () => client.end().catch(() => {}),
    };
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function* embeddings(
  read: Parameters<typeof pagesOf>[0],
  { id, dim, vectors }: PostgresIndex,
  place: string,
): AsyncGenerator<Float32Array> {
  const embedding = new Float32Array(dim);
  const columns = `path, ${vectorColumns(vectors)}`;
  for await (const row of pagesOf<StoredVector & { path: string }>(read, id, columns)) {
    if (!readInto(row, embedding)) {
      throw new StoreError(`The embedding of ${row.path} in the index ${place} is damaged. Index the folder again.`);
    }
    yield embedding;
  }
}

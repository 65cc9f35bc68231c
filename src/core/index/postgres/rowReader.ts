import type { RowSource, StoredRow } from "../rowSource.ts";
import { type SkippedRecord, StoreError } from "../store.ts";
import type { Database } from "./database.ts";
import { notesOf } from "./notes.ts";
import { type ImageRow, pagesOf, type Reader, recordOf, STATE_COLUMNS } from "./reading.ts";
import { bytesOf, type PostgresIndex, type StoredVector, vectorColumns } from "./rows.ts";

/** An index of a database that is read from one end to the other. */
export function openRows(database: Database, index: PostgresIndex, place: string): RowSource {
  return {
    place,
    async count() {
      const { count } = await database.first<{ count: number }>(
        "select count(*)::double precision as count from lookalike.image where index_id = $1",
        [index.id],
      );
      return count;
    },
    rows: () => rows(database, index, place),
    async skipped() {
      const found = await database.query<SkippedRecord & { kind: string | null }>(
        `select ${STATE_COLUMNS}, reason, kind from lookalike.skipped where index_id = $1 order by path`,
        [index.id],
      );
      return found.map(({ kind, ...rest }) => (kind === null ? rest : { ...rest, kind }));
    },
    notes: () => notesOf(database, index.id),
    close: async () => {},
  };
}

async function* rows(database: Database, index: PostgresIndex, place: string): AsyncGenerator<StoredRow> {
  const columns = `${STATE_COLUMNS}, hash, width, height, partial, ${vectorColumns(index.vectors)}`;
  const read: Reader = (text, values, most, check) => database.query(text, values, 1, most, check);
  for await (const row of pagesOf<ImageRow & StoredVector>(read, index.id, columns)) {
    const branches = bytesOf(row, index.dim);
    if (branches === null) {
      throw new StoreError(`The embedding of ${row.path} in ${place} is damaged. Index the folder again.`);
    }
    yield { image: recordOf(row), branches };
  }
}

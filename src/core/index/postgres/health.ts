import type { StoreHealth } from "../store.ts";
import { type Database, LONG } from "./database.ts";
import type { PostgresIndex } from "./rows.ts";
import { SCHEMA_VERSION } from "./schema.ts";

/** Counts, and looks whether the server holds what it should: every part of the tables there, every search index valid. */
export async function healthOf(database: Database, { id, vectors }: PostgresIndex): Promise<StoreHealth> {
  const embedded = vectors ? "(branches is not null or embedding is not null)" : "branches is not null";
  const { images, rows, distinct } = await database.first<{ images: number; rows: number; distinct: number }>(
    `select count(*)::double precision as images, count(*) filter (where ${embedded})::double precision as rows,
       count(distinct path)::double precision as distinct
     from lookalike.image where index_id = $1`,
    [id],
    LONG,
  );
  const wrong = await database.query<{ name: string }>(
    `select c.relname as name from pg_index x join pg_class c on c.oid = x.indexrelid
     join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'lookalike' and not x.indisvalid limit 1`,
  );
  return {
    rows,
    images,
    duplicates: images - distinct,
    orphans: images - rows,
    schemaVersion: SCHEMA_VERSION,
    integrity: wrong.length === 0 ? "ok" : `the search index ${wrong[0]!.name} was not finished`,
  };
}

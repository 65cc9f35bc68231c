import type { Following } from "../store.ts";
import type { Database } from "./database.ts";
import { type PostgresIndex, readInto } from "./rows.ts";
import { rowsByPath } from "./rowsByPath.ts";

/** Rows that are read at once. */
const PAGE = 1024;

/**
 * What changed in an index since a moment. A moment is the oldest transaction that was under way then: whatever one of them or a
 * later one wrote may not have been seen, and whatever an earlier one wrote was there. Numbers of a counter would not do: a
 * transaction may be given its number before another one, and be seen after it.
 */
export function following(database: Database, index: PostgresIndex): Following {
  const { id, dim } = index;
  return {
    async mark() {
      const { mark } = await database.first<{ mark: string }>(
        "select pg_snapshot_xmin(pg_current_snapshot())::text as mark",
      );
      return mark;
    },
    async *since(mark) {
      const gone = await database.query<{ path: string }>(
        `select path from lookalike.gone g where index_id = $1 and stamp >= $2::bigint
           and not exists (select 1 from lookalike.image i where i.index_id = $1 and i.path = g.path)`,
        [id, mark],
      );
      for (const { path } of gone) yield { path, embedding: null };
      const changed = await database.query<{ path: string }>(
        "select path from lookalike.image where index_id = $1 and stamp >= $2::bigint",
        [id, mark],
      );
      const embedding = new Float32Array(dim);
      for (let at = 0; at < changed.length; at += PAGE) {
        const paths = changed.slice(at, at + PAGE).map(({ path }) => path);
        for (const row of await rowsByPath(database, index, paths)) {
          yield readInto(row, embedding) ? { path: row.path, embedding } : { path: row.path, embedding: null };
        }
      }
    },
  };
}

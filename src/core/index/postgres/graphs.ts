import type { BuildProgress } from "../candidates/index.ts";
import { StoreError } from "../store.ts";
import { firstOf, rowsOf } from "./answers.ts";
import type { Database } from "./database.ts";
import { codeOf } from "./failures.ts";
import { takeLocks } from "./locks.ts";
import type { PostgresIndex } from "./rows.ts";
import { PARTITIONS } from "./schema.ts";

/** What an HNSW of pgvector takes of halfvec. */
const MOST_DIMENSIONS = 4_000;

/** A column that the server can search by itself: a branch, or all of them side by side. */
export interface Graph {
  readonly name: string;
  /** Over `embedding`. */
  readonly expression: string;
  readonly type: string;
  /** Whether every part of the table has its graph. */
  readonly ready: boolean;
}

/** The graphs of an index, branches first, combined last; none where a column has too many dimensions for them. */
export async function graphsOf(
  database: Database,
  { id, dim }: PostgresIndex,
  dims: readonly number[],
): Promise<readonly Graph[]> {
  if (dim > MOST_DIMENSIONS) return [];
  const built = await database.query<{ name: string }>(
    `select c.relname as name from pg_index x join pg_class c on c.oid = x.indexrelid
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'lookalike' and x.indisvalid and c.relname like $1`,
    [`near_${id}_%`],
  );
  const names = new Set(built.map(({ name }) => name));
  const starts = dims.map((_, b) => dims.slice(0, b).reduce((sum, each) => sum + each, 1));
  const columns = dims.map((each, b) => ({ expression: `subvector(embedding, ${starts[b]}, ${each})`, length: each }));
  return [...columns, { expression: "embedding", length: dim }].map(({ expression, length }, c) => {
    const name = `near_${id}_${c}`;
    const type = `halfvec(${length})`;
    const ready = Array.from({ length: PARTITIONS }, (_, part) => `${name}_${part}`).every((each) => names.has(each));
    return { name, expression: `(${expression}::${type})`, type, ready };
  });
}

export interface BuildOptions {
  readonly onProgress: (progress: BuildProgress) => void;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Builds the graphs that are not there, while others read and write. A graph that an earlier try left half done is built anew.
 * Where this user may not, nothing is built.
 */
export async function buildGraphs(
  database: Database,
  index: PostgresIndex,
  dims: readonly number[],
  { onProgress, warn, signal }: BuildOptions,
): Promise<void> {
  if (!index.vectors) return;
  if ((await graphsOf(database, index, dims)).every(({ ready }) => ready)) return;
  if (!(await mayBuild(database))) return;
  const unlock = await takeLocks(database, [{ key: `graphs ${index.id}`, shared: false }], { signal });
  const client = await database.session(Number.POSITIVE_INFINITY);
  let cancel = () => {};
  try {
    const { pid } = firstOf(rowsOf<{ pid: number }>(await client.query("select pg_backend_pid() as pid")));
    // The server goes on building for whoever has gone.
    cancel = () => void database.query("select pg_cancel_backend($1)", [pid]).catch(() => {});
    signal.addEventListener("abort", cancel);
    const missing = (await graphsOf(database, index, dims)).filter(({ ready }) => !ready);
    const total = missing.length * PARTITIONS;
    let done = 0;
    for (const { name, expression } of missing) {
      for (let part = 0; part < PARTITIONS; part++) {
        signal.throwIfAborted();
        onProgress({ done: done++, total });
        const valid = "select x.indisvalid as valid from pg_index x where x.indexrelid = to_regclass($1)";
        const rows = rowsOf<{ valid: boolean }>(await client.query(valid, [`lookalike.${name}_${part}`]));
        if (rows[0]?.valid === true) continue;
        if (rows.length > 0) await client.query(`drop index lookalike.${name}_${part}`);
        await client.query(
          `create index concurrently ${name}_${part} on lookalike.image_${part}
           using hnsw (${expression} halfvec_ip_ops) where index_id = ${index.id}`,
        );
      }
    }
    onProgress({ done: total, total });
  } catch (error) {
    signal.throwIfAborted();
    const code = codeOf(error);
    const why = error instanceof Error ? error.message : String(error);
    if (code !== "42501")
      throw new StoreError(`${database.title}: the search index was not built (${why}). Run --finish again.`, {
        cause: error,
      });
    warn(`${database.title}: searching stays slow, since this user may not build its search index (${why}).`);
  } finally {
    signal.removeEventListener("abort", cancel);
    await client.end().catch(() => {});
    await unlock();
  }
}

/** Only the owner of the tables may, and nobody on a copy. */
async function mayBuild(database: Database): Promise<boolean> {
  const { may } = await database.first<{ may: boolean }>(
    `select not pg_is_in_recovery() and pg_has_role(c.relowner, 'usage') as may
     from pg_class c where c.oid = 'lookalike.image'::regclass`,
  );
  return may;
}

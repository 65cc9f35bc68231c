import type { IndexDetails, KeptIndex, SkippedFile } from "../../../shared/index.ts";
import { isInside } from "../insideOnly.ts";
import { StoreError } from "../store.ts";
import { type Database, LONG } from "./database.ts";
import { CHANNEL } from "./statements.ts";

/** Rows whose size stands for all of an index. */
const SAMPLE = 1000;

interface Found {
  readonly id: number;
  readonly fingerprint: string;
  readonly model: string;
  readonly rows: number;
  readonly skipped: number;
  readonly taken: number;
}

/** What a database keeps of a folder. Sizes are of the rows, by the mean of some; of its search indexes nothing is said. */
export async function keptIn(
  database: Database,
  folder: string,
  fingerprint: string,
): Promise<Omit<IndexDetails, "folder" | "place">> {
  const found = await database.query<Found>(
    `select id, fingerprint, model, counted.rows, noted.skipped, coalesce(counted.rows * sample.bytes, 0) as taken
     from lookalike.indexes x,
       lateral (select count(*)::double precision as rows from lookalike.image where index_id = x.id) counted,
       lateral (select count(*)::double precision as skipped from lookalike.skipped where index_id = x.id) noted,
       lateral (
         select avg(pg_column_size(few.*))::double precision as bytes
         from (select * from lookalike.image where index_id = x.id limit ${SAMPLE}) few
       ) sample
     where folder = $1 order by id`,
    [folder],
    LONG,
  );
  const current = found.find((each) => each.fingerprint === fingerprint);
  const skipped =
    current === undefined
      ? []
      : (
          await database.query<SkippedFile>(
            "select path, reason from lookalike.skipped where index_id = $1 order by path",
            [current.id],
          )
        ).filter(({ path }) => isInside(path));
  return {
    current: current === undefined ? null : keptIndex(current),
    skipped,
    others: found.filter((each) => each !== current).map(keptIndex),
    bytes: found.reduce((sum, { taken }) => sum + taken, 0),
  };
}

function keptIndex({ fingerprint, model, rows, skipped, taken }: Found): KeptIndex {
  return { name: nameOf(fingerprint), model: model === "" ? null : model, rows, skipped, bytes: taken, damaged: false };
}

/** As an index of this machine is called, so that both are known by the same names. */
function nameOf(fingerprint: string): string {
  return `${fingerprint.slice(0, 16)}.sqlite`;
}

/** Deletes an index with its search indexes, or all of a folder with its adapted models. @param name as in `KeptIndex` */
export async function removeFrom(database: Database, folder: string, name: string | undefined): Promise<void> {
  const all = await database.query<{ id: number; fingerprint: string }>(
    "select id, fingerprint from lookalike.indexes where folder = $1",
    [folder],
  );
  const meant = all.filter(({ fingerprint }) => name === undefined || nameOf(fingerprint) === name);
  if (name !== undefined && meant.length === 0) throw new StoreError(`${name} is not the name of an index.`);
  const graphs = await database.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'lookalike' and c.relkind = 'i' and c.relname ~ any ($1::text[])`,
    [meant.map(({ id }) => `^near_${id}_[0-9]+_[0-9]+$`)],
  );
  await database.transaction(async (client) => {
    for (const graph of graphs) await client.query(`drop index if exists lookalike.${graph.name}`);
    const remove = "delete from lookalike.indexes where id = any($1::int[])";
    const query = { text: remove, values: [meant.map(({ id }) => id)], query_timeout: database.answer * LONG };
    await client.query(query);
    for (const { id } of meant) await client.query("select pg_notify($1, $2)", [CHANNEL, `${id} removed`]);
    await client.query("delete from lookalike.meta where key ~ any ($1::text[])", [
      meant.map(({ id }) => `^note:${id}:`),
    ]);
    if (name !== undefined) return;
    await client.query("delete from lookalike.model where folder = $1", [folder]);
    await client.query("delete from lookalike.thumbnail where folder = $1", [folder]);
  });
}

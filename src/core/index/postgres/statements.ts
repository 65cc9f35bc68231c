import { COLUMNS } from "./rows.ts";

/**
 * The statements that change images. Each is one statement, hence all or nothing and right when it runs twice. Its parts see the
 * same state, that of before: so what is put by is what was there.
 * `$1` is the index, `$2` the slot in which changes are counted; what follows are lists of equal length.
 * Rows are looked up one by one by their keys, which a planner that knows little of the tables would not do by itself: it goes through
 * all of an index for each thousand new rows. `offset 0` keeps it from taking a look-up apart, and an array from joining.
 */

const BUMP = `bump as (
  insert into lookalike.change as c (index_id, slot, writes) values ($1, $2, 1)
  on conflict (index_id, slot) do update set writes = c.writes + 1
)`;

/** On which changes are told. */
export const CHANNEL = "lookalike";

/** What each ends with: it tells whoever listens, once it is committed, the index and the transaction. */
const TOLD = `select pg_notify('${CHANNEL}', $1::int || ' ' || pg_current_xact_id())`;

/** Notes the images of `leaving` for those who follow. */
const TELL_GONE = `told as (
  insert into lookalike.gone (index_id, path) select $1, path from leaving
  on conflict (index_id, path) do update set stamp = excluded.stamp, gone_ms = excluded.gone_ms
)`;

/** The image of each row of `of` by its path, if there is one, as `i`. */
const lookedUp = (of: string) =>
  `cross join lateral (select * from lookalike.image where index_id = $1 and path = ${of}.path offset 0) i`;

/**
 * Puts by the contents that no image has any more, once those of `leaving` (path) are gone.
 * @param arriving a condition on `i.hash`, where contents come in the same statement
 */
function putBy(vectors: boolean, arriving = "false"): string {
  const vector = vectors ? ", embedding" : "";
  return `put_by as (
    insert into lookalike.former (index_id, hash, width, height, partial, branches, crc${vector}, gone_ms)
    select distinct on (i.hash) $1, i.hash, i.width, i.height, i.partial, i.branches, i.crc${vector.replace(", ", ", i.")},
      1000 * extract(epoch from clock_timestamp())
    from leaving l ${lookedUp("l")}
    where not (${arriving}) and not exists (
      select 1 from (select path from lookalike.image where index_id = $1 and hash = i.hash offset 0) o
      where not exists (select 1 from leaving x where x.path = o.path)
    )
    order by i.hash
    on conflict (index_id, hash) do update set gone_ms = excluded.gone_ms
  )`;
}

const NAMES = COLUMNS.map(([name]) => name);

/** The images as lists, from `$3` on in the order of `COLUMNS`. */
const GIVEN_LISTS = `given as (select * from unnest(${COLUMNS.map(([, type], i) => `$${i + 3}::${type}[]`).join(", ")})
  as given (${NAMES.join(", ")}))`;

/** @param given `given`: from lists, or from the table that a COPY filled */
export function putStatement(vectors: boolean, given: "lists" | "incoming"): string {
  const own = NAMES.filter((name) => name !== "path" && name !== "vector");
  const columns = vectors ? [...own, "embedding"] : own;
  const values = vectors ? [...own, "vector::halfvec"] : own;
  return `with ${given === "lists" ? GIVEN_LISTS : "given as (select * from incoming)"},
    leaving as (
      select i.path from given g ${lookedUp("g")} where i.hash <> g.hash
    ),
    ${putBy(vectors, "exists (select 1 from given g where g.hash = i.hash)")},
    stored as (
      insert into lookalike.image (index_id, path, ${columns.join(", ")})
      select $1, path, ${values.join(", ")} from given
      on conflict (index_id, path) do update set stamp = excluded.stamp,
        ${columns.map((name) => `${name} = excluded.${name}`).join(", ")}
    ),
    back as (delete from lookalike.former where index_id = $1 and hash = any(array(select hash from given))),
    unskip as (delete from lookalike.skipped where index_id = $1 and path = any(array(select path from given))),
    tried as (delete from lookalike.attempt where index_id = $1 and path = any(array(select path from given))),
    ${BUMP}
    ${TOLD}`;
}

/** A table of this transaction for a COPY, with the columns of `COLUMNS`. */
export const INCOMING = `create temporary table incoming (${COLUMNS.map((each) => each.join(" ")).join(", ")}) on commit drop`;

/** Lists: paths, times, sizes. */
export function removeStatement(vectors: boolean): string {
  return `with given as (select * from unnest($3::text[], $4::double precision[], $5::bigint[]) as given (path, mtime_ms, size)),
    leaving as (
      select i.path from given g ${lookedUp("g")} where i.mtime_ms = g.mtime_ms and i.size = g.size
    ),
    ${putBy(vectors)},
    ${TELL_GONE},
    gone as (delete from lookalike.image where index_id = $1 and path = any(array(select path from leaving))),
    unskip as (
      delete from lookalike.skipped s using given g
      where s.index_id = $1 and s.path = any($3::text[]) and s.path = g.path and s.mtime_ms = g.mtime_ms and s.size = g.size
    ),
    ${BUMP}
    ${TOLD}`;
}

/** Lists: paths, times, change times, sizes, reasons, kinds. */
export function skipStatement(vectors: boolean): string {
  return `with given as (
      select * from unnest($3::text[], $4::double precision[], $5::double precision[], $6::bigint[], $7::text[], $8::text[])
        as given (path, mtime_ms, ctime_ms, size, reason, kind)
    ),
    leaving as (select i.path from given g ${lookedUp("g")}),
    ${putBy(vectors)},
    ${TELL_GONE},
    gone as (delete from lookalike.image where index_id = $1 and path = any(array(select path from leaving))),
    noted as (
      insert into lookalike.skipped as s (index_id, path, mtime_ms, ctime_ms, size, reason, kind)
      select $1, path, mtime_ms, ctime_ms, size, reason, kind from given
      on conflict (index_id, path) do update set mtime_ms = excluded.mtime_ms, ctime_ms = excluded.ctime_ms,
        size = excluded.size, reason = excluded.reason, kind = excluded.kind
    ),
    tried as (delete from lookalike.attempt where index_id = $1 and path = any(array(select path from given))),
    ${BUMP}
    ${TOLD}`;
}

/** List: paths. Nothing is put by: the embedding is not what was written. */
export const TAKE_OUT = `with leaving as (select unnest($3::text[]) as path),
  ${TELL_GONE},
  gone as (delete from lookalike.image where index_id = $1 and path = any(array(select path from leaving))),
  ${BUMP}
  ${TOLD}`;

/** Lists: paths, change times, times, sizes. */
export const FILL_IN = `update lookalike.image i set ctime_ms = g.ctime_ms
  from unnest($2::text[], $3::double precision[], $4::double precision[], $5::bigint[]) as g (path, ctime_ms, mtime_ms, size)
  where i.index_id = $1 and i.path = any($2::text[]) and i.path = g.path and i.ctime_ms is null and i.mtime_ms = g.mtime_ms and i.size = g.size`;

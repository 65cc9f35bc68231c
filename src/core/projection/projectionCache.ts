import { rmSync } from "node:fs";
import Database from "better-sqlite3";
import type { MapQuality, ProjectionParameters } from "../../shared/index.ts";
import type { NeighbourTable } from "../neighbours/index.ts";
import type { Projection, ProjectionMap } from "./projection.ts";

/** Raised when the tables or the way layouts are made change: older layouts are then forgotten. */
const VERSION = 2;

/** Layouts of so many sets of parameters are kept, those used last. */
const KEPT = 8;

const SCHEMA = `
  drop table if exists map;
  drop table if exists neighbours;
  drop table if exists projection;
  create table projection (
    id integer primary key,
    parameters text not null unique,
    used_at integer not null,
    paths text not null,
    excluded text not null,
    signatures blob not null,
    changes integer not null
  );
  create table map (
    projection_id integer not null references projection (id) on delete cascade,
    descriptor text not null,
    quality text not null,
    points blob not null,
    primary key (projection_id, descriptor)
  );
  create table neighbours (
    projection_id integer not null references projection (id) on delete cascade,
    descriptor text not null,
    k integer not null,
    rows blob not null,
    scores blob not null,
    primary key (projection_id, descriptor)
  );
`;

/** A time after all that were before, also where the clock was put back meanwhile; takes the time of the clock. */
const NOW = "(select max(?, ifnull(max(used_at), 0) + 1) from projection)";

interface ProjectionRow {
  readonly id: number;
  readonly paths: string;
  readonly excluded: string;
  readonly signatures: Uint8Array;
  readonly changes: number;
}

/** Layouts that were made before, by their parameters. */
export interface ProjectionCache {
  get(parameters: ProjectionParameters): Projection | undefined;
  put(projection: Projection): void;
  close(): void;
}

/**
 * Opens the cache of an index: a SQLite file beside it, with the fingerprint of the model in its name as the index has.
 * It can be deleted at any time. Where it cannot be used, nothing is cached, and `warn` says so.
 */
export function openProjectionCache(indexFile: string, warn: (message: string) => void): ProjectionCache {
  const file = `${indexFile.replace(/\.sqlite$/, "")}.projections.sqlite`;
  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warn(`Layouts are not kept: ${file} cannot be used (${reason}). Delete that file if this goes on.`);
      return otherwise;
    }
  };
  const database = attempt(() => openSound(file), undefined);
  if (database === undefined) return { get: () => undefined, put: () => {}, close: () => {} };
  return {
    get: (parameters) => attempt(() => read(database, parameters), undefined),
    put: (projection) => attempt(() => database.transaction(() => write(database, projection)).immediate(), undefined),
    close: () => database.close(),
  };
}

/** What is no database any more, or lacks its tables, goes: every layout can be made again. */
function openSound(file: string): Database.Database {
  try {
    return open(file);
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || !/^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(error.code)) throw error;
    for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
    return open(file);
  }
}

function open(file: string): Database.Database {
  const database = new Database(file, { timeout: 5_000 });
  try {
    database.pragma("page_size = 16384");
    database.pragma("journal_mode = WAL");
    // Losing the last layout in a power cut costs some seconds of work.
    database.pragma("synchronous = OFF");
    database.pragma("foreign_keys = ON");
    database
      .transaction(() => {
        if (database.pragma("user_version", { simple: true }) === VERSION) return;
        database.exec(SCHEMA);
        database.pragma(`user_version = ${VERSION}`);
      })
      .immediate();
    // The version says that they are there.
    database.prepare("select 1 from projection, map, neighbours limit 0");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function read(database: Database.Database, parameters: ProjectionParameters): Projection | undefined {
  const row = database
    .prepare<[string], ProjectionRow>(
      "select id, paths, excluded, signatures, changes from projection where parameters = ?",
    )
    .get(keyOf(parameters));
  if (row === undefined) return undefined;
  database.prepare(`update projection set used_at = ${NOW} where id = ?`).run(Date.now(), row.id);
  const paths = JSON.parse(row.paths) as string[];
  const maps = database
    .prepare<[number], { descriptor: string; quality: string; points: Uint8Array }>(
      "select descriptor, quality, points from map where projection_id = ?",
    )
    .all(row.id)
    .map(({ descriptor, quality, points }): [string, ProjectionMap] => [
      descriptor,
      { points: new Float32Array(aligned(points)), quality: JSON.parse(quality) as MapQuality },
    ]);
  const tables = database
    .prepare<[number], { descriptor: string; k: number; rows: Uint8Array; scores: Uint8Array }>(
      "select descriptor, k, rows, scores from neighbours where projection_id = ?",
    )
    .all(row.id)
    .map(({ descriptor, k, rows, scores }): [string, NeighbourTable] => [
      descriptor,
      { count: paths.length, k, indices: new Int32Array(aligned(rows)), scores: new Float32Array(aligned(scores)) },
    ]);
  const fits =
    maps.every(([, { points }]) => points.length === 2 * paths.length && points.every(Number.isFinite)) &&
    tables.every(
      ([, { k, indices, scores }]) =>
        indices.length === k * paths.length &&
        scores.length === indices.length &&
        indices.every((i) => i < paths.length),
    );
  // Damaged: it is made again.
  if (!fits) return undefined;
  return {
    parameters,
    paths,
    signatures: new Uint32Array(aligned(row.signatures)),
    excluded: JSON.parse(row.excluded) as string[],
    tables: new Map(tables),
    maps: new Map(maps),
    changes: row.changes,
  };
}

function write(database: Database.Database, projection: Projection): void {
  const { parameters, paths, signatures, excluded, tables, maps, changes } = projection;
  const key = keyOf(parameters);
  database.prepare("delete from projection where parameters = ?").run(key);
  const { lastInsertRowid: id } = database
    .prepare(
      `insert into projection (parameters, used_at, paths, excluded, signatures, changes)
       values (?, ${NOW}, ?, ?, ?, ?)`,
    )
    .run(key, Date.now(), JSON.stringify(paths), JSON.stringify(excluded), bytesOf(signatures), changes);
  const putMap = database.prepare("insert into map (projection_id, descriptor, quality, points) values (?, ?, ?, ?)");
  for (const [descriptor, { points, quality }] of maps) {
    putMap.run(id, descriptor, JSON.stringify(quality), bytesOf(points));
  }
  const putTable = database.prepare(
    "insert into neighbours (projection_id, descriptor, k, rows, scores) values (?, ?, ?, ?, ?)",
  );
  for (const [descriptor, { k, indices, scores }] of tables) {
    putTable.run(id, descriptor, k, bytesOf(indices), bytesOf(scores));
  }
  database
    .prepare(
      "delete from projection where id not in (select id from projection order by used_at desc, id desc limit ?)",
    )
    .run(KEPT);
}

/** The same text whatever the order in which the parameters were written. */
function keyOf({ neighbours, minDist, seed, sample, under }: ProjectionParameters): string {
  return JSON.stringify({ neighbours, minDist, seed, sample, under });
}

function bytesOf(values: Float32Array | Int32Array | Uint32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** A buffer of its own: a blob may start at any address, a typed array may not. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

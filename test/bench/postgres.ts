/**
 * An index in PostgreSQL: rows a second in, against the local store and a bare COPY; what a row takes; how long a search takes in
 * memory, as codes and as float32, and past memory, and how much the last finds of what an exact one does.
 * `npm run bench -- postgres [address] [--rows n]`: at an address it makes an index named `lookalike-bench` and removes it again;
 * without one it starts this machine's PostgreSQL (or that of `POSTGRES_PROGRAMS`), where there is one, and for what needs pgvector
 * PGlite, where that PostgreSQL has none.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { Searchable } from "../../src/core/folder/searchable.ts";
import { openSqliteStore } from "../../src/core/index/openSqliteStore.ts";
import { readAddress } from "../../src/core/index/postgres/address.ts";
import { copyIn } from "../../src/core/index/postgres/copyIn.ts";
import { postgresPlace } from "../../src/core/index/postgres/index.ts";
import { passwordFor } from "../../src/core/index/postgres/passwords.ts";
import { COLUMNS, columnsOf } from "../../src/core/index/postgres/rows.ts";
import type { EmbeddedImage, Store } from "../../src/core/index/store.ts";
import { ExactSearch, type Gallery } from "../../src/core/search/index.ts";
import { clusteredVectors } from "../fixtures/clusteredVectors.ts";
import { startPglite } from "../fixtures/pgliteServer.ts";
import { hasPgvector, postgresPrograms, startPostgres } from "../fixtures/postgresServer.ts";
import { heldFigures, syntheticEmbedder } from "./postgresHeld.ts";
import { writeFigures } from "./timing.ts";

const DIMS = [128, 128, 128];
const DIM = 384;
const K = 50;
const QUERIES = 20;
/** As a copy writes them, and as an update does. */
const [BULK, FEW] = [1024, 8];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rows: { type: "string" } } });
const [address] = positionals;
const figures: Record<string, number> = {};
const note = (name: string, value: number, unit: string) => {
  figures[name] = value;
  console.log(`${name.padEnd(52)} ${value.toLocaleString("en", { maximumFractionDigits: 3 })} ${unit}`);
};

function images(count: number): EmbeddedImage[] {
  const { matrices } = clusteredVectors({ count, dims: DIMS, classes: 200, seed: 1 });
  return Array.from({ length: count }, (_, row) => {
    const embedding = new Float32Array(DIM);
    for (const [b, matrix] of matrices.entries()) embedding.set(matrix.subarray(row * 128, (row + 1) * 128), b * 128);
    const hash = new Uint8Array(32);
    new DataView(hash.buffer).setUint32(0, Math.imul(row, 0x9e3779b1));
    const path = `folder-${row % 1000}/image-${row}.jpg`;
    return { image: { path, mtimeMs: row, ctimeMs: row, size: row, hash, width: 640, height: 480 }, embedding };
  });
}

async function rate(store: Pick<Store, "put">, all: readonly EmbeddedImage[], batch: number): Promise<number> {
  const start = performance.now();
  for (let at = 0; at < all.length; at += batch) await store.put(all.slice(at, at + batch));
  return (1000 * all.length) / (performance.now() - start);
}

/** The same columns into a plain table, as fast as the server takes them. */
async function bareCopy(to: string, all: readonly EmbeddedImage[]): Promise<number> {
  const parsed = readAddress(to);
  const { host, port, database, user, ssl } = parsed;
  const pool = new pg.Pool({ host, port, database, user, ssl, password: (await passwordFor(parsed)) ?? "" });
  const client = await pool.connect();
  const names = COLUMNS.map(([name]) => name);
  await client.query(`create table lookalike.bench (${COLUMNS.map((each) => each.join(" ")).join(", ")})`);
  try {
    const start = performance.now();
    for (let at = 0; at < all.length; at += BULK) {
      const some = all.slice(at, at + BULK);
      const columns = columnsOf(some, DIM, false);
      await copyIn(
        client,
        "lookalike.bench",
        names,
        some.map((_, row) => columns.map((column) => column[row])),
      );
    }
    return (1000 * all.length) / (performance.now() - start);
  } finally {
    await client.query("drop table lookalike.bench");
    client.release();
    await pool.end();
  }
}

async function rowsIn(to: string, count: number, copy: boolean): Promise<void> {
  const all = images(count);
  const root = mkdtempSync(join(tmpdir(), "lookalike-bench-"));
  const place = await postgresPlace(root, to, {});
  const identity = { folder: root, fingerprint: "0".repeat(64), model: "synthetic", dim: DIM };
  try {
    const local = openSqliteStore(join(root, "index.sqlite"), identity, () => {});
    const store = await place.openStore(identity, console.error);
    console.log(`\nRows in, ${count} x 3 x 128, ${place.software}`);
    note("local store, rows a second", await rate(local, all, BULK), "");
    note("PostgreSQL, rows a second", await rate(store, all, copy ? BULK : 256), "");
    if (copy) note("bare COPY, rows a second", await bareCopy(to, all), "");
    await local.close();
    const again = all.slice(0, Math.min(count, 2048));
    note(`PostgreSQL in batches of ${FEW}, replacing, rows a second`, await rate(store, again, FEW), "");
  } finally {
    await place.remove(undefined);
    await place.close();
    rmSync(root, { recursive: true, force: true });
  }
}

async function searched(to: string, count: number, batch: number, sql?: Parameters<typeof sizes>[0]): Promise<void> {
  const all = images(count);
  const place = await postgresPlace(tmpdir(), to, {});
  const search = await ExactSearch.create(DIMS.length);
  try {
    const identity = { folder: "/", fingerprint: "0".repeat(64), model: "synthetic", dim: DIM };
    const store = await place.openStore(identity, console.error);
    await rate(store, all, batch);
    await held(to, all);
    console.log(`\nA search past memory, ${count} x 3 x 128, ${place.software}`);
    const asked = await place.openPastMemory(store, DIMS, search, { warn: console.error });
    const start = performance.now();
    await asked.build();
    note("building the graphs, rows a second (four graphs)", (1000 * count) / (performance.now() - start), "");
    if (sql !== undefined) await sizes(sql, count);
    const times: number[] = [];
    const found = DIMS.map(() => 0).concat(0);
    for (let q = 0; q < QUERIES; q++) {
      const { embedding } = all[Math.floor((q * count) / QUERIES)]!;
      const branches = DIMS.map((dim, b) => embedding.slice(b * dim, (b + 1) * dim));
      const before = performance.now();
      const near = await asked.candidates({ branches, k: K });
      const given = await best(search, branches, near);
      times.push(performance.now() - before);
      const exact = await best(search, branches, await asked.candidates({ branches, k: K }, "", () => true));
      for (const [c, list] of exact.entries()) found[c]! += list.filter((path) => given[c]!.includes(path)).length;
    }
    times.sort((a, b) => a - b);
    note("search, median", times[QUERIES >> 1]!, "ms");
    for (const [c, hits] of found.entries())
      note(`recall@${K}, ${c < 3 ? `branch ${c + 1}` : "combined"}`, hits / (QUERIES * K), "");
  } finally {
    await search.release();
    await place.remove(undefined);
    await place.close();
  }
}

/** In memory, both ways. @param to where rows are already */
async function held(to: string, all: readonly EmbeddedImage[]): Promise<void> {
  const place = await postgresPlace(tmpdir(), to, {});
  const search = await ExactSearch.create(DIMS.length);
  const embedder = syntheticEmbedder("0".repeat(64), DIMS);
  const open = (options: { codesFrom?: number; kernel?: () => null }) =>
    Searchable.open("/", place, embedder, { warn: console.error, ...options });
  const [codes, whole] = [await open({ codesFrom: 0 }), await open({ kernel: () => null })];
  try {
    const queries = Array.from({ length: QUERIES + 1 }, (_, q) => {
      const { embedding } = all[Math.floor((q * all.length) / (QUERIES + 1))]!;
      return DIMS.map((dim, b) => embedding.slice(b * dim, (b + 1) * dim));
    });
    const figures = await heldFigures(codes, whole, search, queries);
    console.log(`\nA search in memory, ${all.length} x 3 x 128, ${place.software}`);
    for (const way of ["codes", "whole"] as const) {
      note(`held as ${way}, search, median`, figures[way].search.median, "ms");
      note(`held as ${way}, kinds together, median`, figures[way].kinds.median, "ms");
    }
  } finally {
    await codes.close();
    await whole.close();
    await search.release();
    await place.close();
  }
}

async function best(search: ExactSearch, query: Float32Array[], gallery: Gallery): Promise<string[][]> {
  return (await search.run(query, gallery, K)).map(({ top }) => top.map((row) => gallery.pathOf(row)));
}

/** Bytes a row, of the table with its indexes and of the graphs. */
async function sizes(sql: <R extends object>(text: string) => Promise<R[]>, count: number): Promise<void> {
  const [row] = await sql<{ bytes: string; graphs: string }>(
    `select sum(pg_relation_size(c.oid)) filter (where c.relname not like 'near_%') as bytes,
       coalesce(sum(pg_relation_size(c.oid)) filter (where c.relname like 'near_%'), 0) as graphs
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where (n.nspname = 'lookalike' and (c.relname like 'image%' or c.relname like 'near_%'))
       or c.oid in (select reltoastrelid from pg_class where relname like 'image_%')`,
  );
  note("bytes a row, table and its keys", Number(row!.bytes) / count, "");
  if (Number(row!.graphs) > 0) note("bytes a row, four graphs", Number(row!.graphs) / count, "");
}

if (address !== undefined) {
  const count = Number(values.rows ?? 100_000);
  const to = `${address.replace(/([?&])folder=[^&]*/, "$1")}${address.includes("?") ? "&" : "?"}folder=lookalike-bench`;
  await rowsIn(to, count, true);
  await searched(to, count, BULK);
} else {
  if (postgresPrograms === undefined) console.log("PostgreSQL is not installed: rows in are not measured.");
  else {
    // Graphs are built in memory where they fit, as docs/scale.md asks of a server.
    const server = await startPostgres(["maintenance_work_mem=1GB", "shared_buffers=512MB"]);
    try {
      const count = Number(values.rows ?? (hasPgvector ? 100_000 : 20_000));
      await rowsIn(server.address("lookalike-bench"), count, true);
      // Without what was removed meanwhile.
      await server.sql("vacuum full lookalike.image");
      if (hasPgvector) await searched(server.address("lookalike-bench"), count, BULK, server.sql);
      else {
        const place = await postgresPlace(tmpdir(), server.address("sizes"), {});
        const identity = { folder: "/", fingerprint: "0".repeat(64), model: "synthetic", dim: DIM };
        const store = await place.openStore(identity, console.error);
        const all = images(count);
        await rate(store, all, BULK);
        await held(server.address("sizes"), all);
        await sizes(server.sql, count);
        await place.close();
      }
    } finally {
      await server.remove();
    }
  }
  if (!hasPgvector) {
    const server = await startPglite();
    try {
      await searched(server.address("lookalike-bench"), 2_000, 256, server.sql);
    } finally {
      await server.close();
    }
  }
}
writeFigures("postgres", figures);

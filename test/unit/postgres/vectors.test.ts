/** An index in a database with pgvector. */
import { f16round } from "@petamoriken/float16";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IndexPlace } from "../../../src/core/index/place.ts";
import { readAddress } from "../../../src/core/index/postgres/address.ts";
import { Database } from "../../../src/core/index/postgres/database.ts";
import { graphsOf } from "../../../src/core/index/postgres/graphs.ts";
import { postgresPlace } from "../../../src/core/index/postgres/postgresPlace.ts";
import type { EmbeddedImage, Store } from "../../../src/core/index/store.ts";
import { ExactSearch, type Gallery } from "../../../src/core/search/index.ts";
import { startPglite } from "../../fixtures/pgliteServer.ts";
import { hasPgvector, startPostgres } from "../../fixtures/postgresServer.ts";

const DIMS = [16, 24];
const DIM = 40;
const IMAGES = 400;
const K = 10;
/** A server with pgvector. */
interface VectorServer {
  address(folder: string): string;
  sql<Row extends object = object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Has it use graphs where, for so few rows, it would read all. */
  preferGraphs(): Promise<void>;
  close(): Promise<void>;
}

/** PGlite is the server's own code in WebAssembly. */
async function pglite(): Promise<VectorServer> {
  const server = await startPglite();
  return {
    ...server,
    async preferGraphs() {
      // All connections are one session here.
      for (const way of ["seqscan", "sort"]) await server.sql(`set enable_${way} = off`);
    },
  };
}

async function installed(): Promise<VectorServer> {
  const server = await startPostgres();
  return {
    ...server,
    async preferGraphs() {
      for (const way of ["seqscan", "sort"]) await server.sql(`alter system set enable_${way} = off`);
      await server.sql("select pg_reload_conf()");
    },
    close: () => server.remove(),
  };
}

let server: VectorServer;
let place: IndexPlace;
let store: Store;
let search: ExactSearch;

/** Each branch of norm 1, with a value of minus zero. */
function embedding(i: number): Float32Array {
  const values = Float32Array.from(
    { length: DIM },
    (_, d) => Math.sin((i + 1) * (d + 1) * 1.7) + Math.cos(i * 0.37 + d),
  );
  values[3] = -0;
  let start = 0;
  for (const dim of DIMS) {
    const norm = Math.hypot(...values.subarray(start, start + dim));
    for (let d = start; d < start + dim; d++) values[d]! /= norm;
    start += dim;
  }
  return values;
}

const image = (i: number, content = i): EmbeddedImage => ({
  image: {
    path: `${i % 7}/'"\\ä${i}.png`,
    mtimeMs: 1.5,
    ctimeMs: null,
    size: 3,
    hash: Buffer.alloc(32, `c${content}`),
    width: 4,
    height: 5,
  },
  embedding: embedding(content),
});

/** The best of each column, by their paths. */
async function best(gallery: Gallery, query: Float32Array[]): Promise<string[][]> {
  const found = await search.run(query, gallery, K);
  return found.map(({ top }) => top.map((row) => gallery.pathOf(row)));
}

function queryOf(i: number): Float32Array[] {
  const values = embedding(i);
  return [values.slice(0, DIMS[0]), values.slice(DIMS[0])];
}

describe.each([
  ["PGlite", pglite, true],
  [`the installed PostgreSQL${hasPgvector ? "" : " (skipped: it has no pgvector)"}`, installed, hasPgvector],
] as const)("pgvector in %s", (_, start, there) => {
  if (!there) return void test.skip("no pgvector");
  beforeAll(async () => {
    server = await start();
    place = await postgresPlace("/", server.address("photos"), {});
    store = await place.openStore({ folder: "/", fingerprint: "a".repeat(64), model: "m", dim: DIM }, () => {});
    await store.put(Array.from({ length: IMAGES }, (_, i) => image(i)));
    search = await ExactSearch.create(DIMS.length);
  }, 120_000);
  afterAll(async () => {
    await search?.release();
    await place?.close();
    await server?.close();
  });

  test("embeddings come back bit by bit, and are kept once", async () => {
    expect(place.software).toMatch(/^PostgreSQL \d.*, pgvector \d/);
    const rounded = new Map<string, Float32Array>();
    for (let i = 0; i < IMAGES; i++) {
      const { image: record, embedding: values } = image(i);
      rounded.set(record.path, Float32Array.from(values, f16round));
    }
    let count = 0;
    for await (const { path, embedding: values } of store.embeddings()) {
      expect(values).toEqual(rounded.get(path));
      count++;
    }
    expect(count).toBe(IMAGES);
    // Read again by their paths, in the order that was asked for.
    const wanted = [image(7), image(IMAGES), image(3)].map(({ image: { path } }) => ({ path, key: 0 }));
    const again = await store.embeddingsOf(wanted);
    expect(again.map((row) => row?.embedding)).toEqual(wanted.map(({ path }) => rounded.get(path)));
    expect(await server.sql("select count(*)::int as n from lookalike.image where branches is not null")).toEqual([
      { n: 0 },
    ]);
    expect(await store.content(Buffer.alloc(32, "c5"))).toMatchObject({
      width: 4,
      embedding: rounded.get(image(5).image.path),
    });
  });

  test("the server's graphs propose what an exact search finds, and follow every change by themselves", async () => {
    const asked = await place.openPastMemory(store, DIMS, search, { warn: () => {}, candidates: () => 40 });
    const exact = await asked.candidates({ branches: queryOf(5), k: K });
    const progress: number[] = [];
    await asked.build(({ done, total }) => progress.push(done / total));
    expect(progress.at(-1)).toBe(1);
    expect((await server.sql("select 1 from pg_indexes where indexname like 'near_%'")).length).toBe(8 * 3);
    await server.preferGraphs();
    const [{ id }] = (await server.sql<{ id: number }>("select id from lookalike.indexes")) as [{ id: number }];
    const database = await Database.connect(readAddress(server.address("photos")));
    const graphs = await graphsOf(database, { id, dim: DIM, vectors: true }, DIMS);
    await database.close();
    expect(graphs).toHaveLength(3);
    for (const { name, expression, type, ready } of graphs) {
      expect(ready).toBe(true);
      const values = Array.from({ length: Number(/\d+/.exec(type)![0]) }, () => 1);
      const plan = await server.sql(
        `explain select path from lookalike.image where index_id = ${id} and embedding is not null
         order by ${expression} <#> '[${values}]'::${type} limit 10`,
      );
      expect(JSON.stringify(plan)).toContain(`Index Scan using ${name}_0`);
    }
    let found = 0;
    for (let i = 0; i < 20; i++) {
      const query = queryOf(i * 17);
      const near = await asked.candidates({ branches: query, k: K });
      // Candidates only, not all of the index.
      expect(near.count).toBeLessThan(IMAGES / 2);
      const wanted = await best(await asked.candidates({ branches: query, k: K }, "", () => true), query);
      const given = await best(near, query);
      for (const [c, list] of wanted.entries()) found += list.filter((path) => given[c]!.includes(path)).length;
    }
    expect(found / (20 * 3 * K)).toBeGreaterThan(0.98);
    expect((await best(exact, queryOf(5)))[2]![0]).toBe(image(5).image.path);

    // One changes its content, one comes, one goes.
    await store.put([image(6, 5000), image(5000, 5001)]);
    await store.remove([image(5).image]);
    const changed = await best(await asked.candidates({ branches: queryOf(5000), k: K }), queryOf(5000));
    expect(changed[2]![0]).toBe(image(6).image.path);
    const added = await asked.candidates({ branches: queryOf(5001), k: K });
    expect((await best(added, queryOf(5001)))[2]![0]).toBe(image(5000).image.path);
    expect((await asked.candidates({ branches: queryOf(5), k: K })).has(image(5).image.path)).toBe(false);
    expect(await asked.embeddingOf(image(7).image.path)).toBeInstanceOf(Float32Array);
  });

  test("what was written before the server had pgvector is found as well", async () => {
    const { rows } = await store.health();
    await server.sql(
      `update lookalike.image set embedding = null, crc = 0, branches = decode('${Buffer.alloc(2 * DIM).toString("hex")}', 'hex') where path = $1`,
      [image(8).image.path],
    );
    // Of another checksum than was kept: damaged.
    expect(await store.verify()).toEqual([image(8).image.path]);
    expect(await store.count()).toBe(rows - 1);
  });

  test("paths that lead out of the folder are neither proposed nor read, and go when all are listed", async () => {
    const { image: record, embedding: values } = image(200);
    const put = () => store.put([{ image: { ...record, path: "../out.png" }, embedding: values }]);
    await put();
    const rows = () => server.sql("select path from lookalike.image where path like '..%'");
    expect(await rows()).toHaveLength(1);
    const past = await place.openPastMemory(store, DIMS, search, { warn: () => {} });
    const gallery = await past.candidates({ branches: queryOf(200), k: K });
    expect([gallery.has(record.path), gallery.has("../out.png")]).toEqual([true, false]);
    const under = await past.candidates({ branches: queryOf(200), k: K }, "", () => true);
    expect(under.has("../out.png")).toBe(false);
    const snapshot = await store.snapshot();
    let count = 0;
    for await (const _ of snapshot.embeddings()) count++;
    await snapshot.close();
    expect(snapshot.paths).toHaveLength(count);
    expect(snapshot.paths).not.toContain("../out.png");
    for await (const { path } of store.following!.since("0")) expect(path).not.toBe("../out.png");
    const shared = (await place.thumbnails!.missing("a".repeat(64))).map(({ path }) => path);
    expect([shared.includes(record.path), shared.includes("../out.png")]).toEqual([true, false]);
    expect((await store.images()).map(({ path }) => path)).not.toContain("../out.png");
    expect(await rows()).toEqual([]);
  });

  test("an index is removed with its graphs", async () => {
    const kept = await place.kept("a".repeat(64));
    expect(kept.current).toMatchObject({ model: "m", rows: IMAGES - 1 });
    await place.remove(undefined);
    expect(await server.sql("select 1 from pg_indexes where indexname like 'near_%'")).toEqual([]);
    expect(await server.sql("select 1 from lookalike.image")).toEqual([]);
  });
});

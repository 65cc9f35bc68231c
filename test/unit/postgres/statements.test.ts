/** A change of some images reads as much in a large index as in a small one. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresPlace } from "../../../src/core/index/postgres/postgresPlace.ts";
import type { EmbeddedImage, Store } from "../../../src/core/index/store.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../../fixtures/postgresServer.ts";

const DIM = 8;
const THERE = 20_000;
const MANY = 600;
const reason = postgresPrograms === undefined ? " (skipped: PostgreSQL is not installed)" : "";

const image = (path: string, content: string): EmbeddedImage => ({
  image: { path, mtimeMs: 1.5, ctimeMs: 2.5, size: 3, hash: Buffer.alloc(32, content), width: 4, height: 5 },
  embedding: Float32Array.from({ length: DIM }, (_, i) => Math.sin(content.length + i)),
});
const many = (prefix: string) => Array.from({ length: MANY }, (_, i) => image(`${prefix}${i}.png`, `${prefix}${i}`));

describe.skipIf(postgresPrograms === undefined)(`what a change reads${reason}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(["autovacuum=off"]);
    await within(async () => {});
    await server.sql(
      `insert into lookalike.image (index_id, path, mtime_ms, size, hash, width, height, partial, branches, crc)
       select x.id, 'old/' || g, 0, 1, sha256(g::text::bytea), 1, 1, false, '', 0
       from lookalike.indexes x, generate_series(1, ${THERE}) g`,
    );
    await within((store) => store.put(many("new")));
  }, 60_000);
  afterAll(() => server?.remove());

  /** Does work over connections of its own: what they read is counted when they end. */
  async function within(work: (store: Store) => Promise<void>): Promise<void> {
    const place = await postgresPlace("/", server.address("large"), {});
    await work(await place.openStore({ folder: "/", fingerprint: "a".repeat(64), model: "tiny", dim: DIM }, () => {}));
    await place.close();
  }

  const rows = async () => {
    const [row] = await server.sql<{ n: string }>(
      `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as n from pg_stat_all_tables
       where schemaname = 'lookalike' and relname like 'image%'`,
    );
    return Number(row!.n);
  };

  async function readBy(change: (store: Store) => Promise<void>): Promise<number> {
    const before = await rows();
    await within(change);
    return (await rows()) - before;
  }

  test.each<[string, (store: Store) => Promise<void>]>([
    ["many new images", (store) => store.put(many("more"))],
    [
      "many images that change",
      (store) => store.put(many("new").map(({ image: { path } }, i) => image(path, `x${i}`))),
    ],
    ["a few images", (store) => store.put(many("few").slice(0, 8))],
  ])("%s, where the server has no statistics yet", async (_, change) => {
    expect(await readBy(change)).toBeLessThan(THERE / 2);
  });

  test("images that go, once it has some", async () => {
    await server.sql("analyze lookalike.image");
    expect(await readBy((store) => store.remove(many("new").map((each) => each.image)))).toBeLessThan(THERE / 2);
    const [{ image: one }] = many("few") as [EmbeddedImage];
    expect(await readBy((store) => store.skip([{ ...one, reason: "damaged" }]))).toBeLessThan(THERE / 2);
  });
});

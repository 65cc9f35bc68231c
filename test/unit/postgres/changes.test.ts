/** What others change in a database is known without a search: told by the server, and looked at where it does not tell. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { postgresPlace } from "../../../src/core/index/postgres/postgresPlace.ts";
import type { EmbeddedImage, Store } from "../../../src/core/index/store.ts";
import { CutNetwork } from "../../fixtures/cutNetwork.ts";
import { startPglite } from "../../fixtures/pgliteServer.ts";
import { type PostgresServer, postgresPrograms, startPostgres, startReplica } from "../../fixtures/postgresServer.ts";

const DIM = 8;
/** Nothing that is looked at so seldom is found by looking. Milliseconds. */
const NEVER = 3_600_000;
const SOON = 300;
const reason = postgresPrograms === undefined ? " (skipped: PostgreSQL is not installed)" : "";

const image = (path: string): EmbeddedImage => ({
  image: { path, mtimeMs: 1.5, ctimeMs: 2.5, size: 3, hash: Buffer.alloc(32, path), width: 4, height: 5 },
  embedding: Float32Array.from({ length: DIM }, (_, i) => Math.sin(path.length + i)),
});

/** Ends what a test began, the latest first. */
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open(address: string, warnings: string[] = []): Promise<Store> {
  const place = await postgresPlace("/", address, { warn: (message) => warnings.push(message) });
  ends.push(() => place.close());
  return place.openStore({ folder: "/", fingerprint: "a".repeat(64), model: "tiny", dim: DIM }, () => {});
}

/** @returns how often it was told */
function watch(store: Store, every: number): () => number {
  let told = 0;
  const end = store.changes.watch(every, () => void told++);
  ends.push(end);
  return () => told;
}

const soon = { timeout: 20_000 };

describe.skipIf(postgresPrograms === undefined)(`changes of others${reason}`, () => {
  let server: PostgresServer;
  let address: string;
  let folders = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.remove());
  beforeEach(() => {
    address = server.address(`changes ${++folders}`);
  });

  /** The connections that listen. */
  const listening = () =>
    server.sql<{ pid: number }>(
      "select pid from pg_stat_activity where query like 'select index_id as id%' and application_name = 'lookalike' and backend_type = 'client backend'",
    );
  /** Until the one that watches is there. */
  const ready = () => expect.poll(async () => (await listening()).length, soon).toBe(1);

  test("each is told at once, and what one does itself is not", async () => {
    const [one, two] = [await open(address), await open(address)];
    const told = watch(one, NEVER);
    await ready();
    await one.put([image("own.png")]);
    await two.put([image("a.png")]);
    await expect.poll(told, soon).toBe(1);
    await one.remove([image("own.png").image]);
    await sleep(1_500);
    expect(told()).toBe(1);
  });

  test("what goes, what cannot be decoded, and an index that is deleted are told", async () => {
    const place = await postgresPlace("/", address, {});
    ends.push(() => place.close());
    const two = await place.openStore({ folder: "/", fingerprint: "a".repeat(64), dim: DIM }, () => {});
    await two.put([image("a.png"), image("b.png")]);
    const changes: [string, () => Promise<void>][] = [
      ["removed", () => two.remove([image("a.png").image])],
      ["skipped", () => two.skip([{ path: "c.png", mtimeMs: 1, ctimeMs: 1, size: 1, reason: "no image" }])],
      ["many at once", () => two.put(Array.from({ length: 600 }, (_, i) => image(`${i}.png`)))],
      ["deleted", () => place.remove(undefined)],
    ];
    for (const [what, change] of changes) {
      const told = watch(await open(address), NEVER);
      await ready();
      await change();
      await expect.poll(told, { ...soon, message: what }).toBe(1);
    }
  });

  test("of many changes it is told every few seconds, and of the last one too, however seldom it looks", async () => {
    const [one, two] = [await open(address), await open(address)];
    const seen: number[] = [];
    ends.push(one.changes.watch(NEVER, () => void one.count().then((count) => seen.push(count))));
    await ready();
    const start = performance.now();
    let written = 0;
    while (performance.now() - start < 7_000) await two.put([image(`${written++}.png`)]);
    expect(written).toBeGreaterThan(10);
    await expect.poll(() => seen.at(-1), soon).toBe(written);
    expect(seen.length).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - start) / 5_000));
  });

  test("all folders of a process share one connection, which ends with the last", async () => {
    const stores = await Promise.all([0, 1, 2].map((i) => open(server.address(`one of ${i}`))));
    const writer = await open(server.address("one of 2"));
    const told = stores.map((store) => store.changes.watch(NEVER, () => {}));
    let news = 0;
    const end = stores[2]!.changes.watch(NEVER, () => void news++);
    await ready();
    await sleep(200);
    await writer.put([image("a.png")]);
    await expect.poll(() => news, soon).toBe(1);
    expect(await listening()).toHaveLength(1);
    for (const stop of [...told, end]) stop();
    await expect.poll(listening, soon).toEqual([]);
  });

  test("a connection that is ended is made again, and what was changed meanwhile is told", async () => {
    const [one, two] = [await open(address), await open(address)];
    const told = watch(one, NEVER);
    for (let round = 1; round <= 3; round++) {
      await ready();
      const [{ pid }] = (await listening()) as [{ pid: number }];
      await server.sql("select pg_terminate_backend($1)", [pid]);
      await two.put([image(`${round}.png`)]);
      await expect.poll(told, soon).toBe(round);
    }
  });

  test("a server that is started again", async () => {
    const warnings: string[] = [];
    const [one, two] = [await open(address, warnings), await open(address)];
    const told = watch(one, 2_000);
    await ready();
    await server.stop("SIGQUIT");
    await sleep(6_000);
    await server.start();
    await two.put([image("a.png")]);
    await expect.poll(told, soon).toBe(1);
    expect(warnings.join("\n")).toMatch(/cannot be watched for changes[\s\S]*watched for changes again/);
    await two.put([image("b.png")]);
    await expect.poll(told, soon).toBe(2);
  }, 60_000);

  test("a network that is down for a while", async () => {
    const network = await CutNetwork.before(server.port);
    ends.push(() => network.close());
    const through = server.address(`changes ${folders}`, { port: network.port });
    const [one, two] = [await open(through), await open(address)];
    const told = watch(one, 2_000);
    await ready();
    network.drop();
    await two.put([image("a.png")]);
    await sleep(1_000);
    network.restore();
    await expect.poll(told, soon).toBe(1);
  });

  test("where no notification passes, as through a pooler, it is looked at", async () => {
    const network = await CutNetwork.before(server.port);
    ends.push(() => network.close());
    network.deafen();
    const through = server.address(`changes ${folders}`, { port: network.port });
    const [one, two] = [await open(through), await open(address)];
    const [never, often] = [watch(one, NEVER), watch(await open(through.replace("localhost", "127.0.0.1")), SOON)];
    await two.put([image("a.png")]);
    await expect.poll(often, soon).toBe(1);
    expect(never()).toBe(0);
  });

  test("of a copy, which takes no LISTEN, and which becomes a primary", async () => {
    const two = await open(address);
    await two.put([image("a.png")]);
    const replica = await startReplica(server);
    ends.push(() => replica.remove());
    const copy = await open(replica.address(`changes ${folders}`));
    const told = watch(copy, SOON);
    await sleep(1_000);
    await two.put([image("b.png")]);
    await expect.poll(told, soon).toBe(1);
    await replica.sql("select pg_promote()");
    const other = await open(replica.address(`changes ${folders}`));
    await other.put([image("c.png")]);
    await expect.poll(told, soon).toBe(2);
  }, 60_000);
});

test("changes of others in PGlite", async () => {
  const server = await startPglite();
  ends.push(() => server.close());
  const address = server.address("changes");
  const [one, two] = [await open(address), await open(address)];
  const told = watch(one, SOON);
  await two.put([image("a.png")]);
  await expect.poll(told, soon).toBe(1);
  await one.put([image("b.png")]);
  await sleep(3 * SOON);
  expect(told()).toBe(1);
});

/** What goes wrong with a server and on the way to it: what was acknowledged is there once, and work goes on by itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { IndexPlace } from "../../../src/core/index/place.ts";
import { readAddress } from "../../../src/core/index/postgres/address.ts";
import { Database } from "../../../src/core/index/postgres/database.ts";
import { takeLocks } from "../../../src/core/index/postgres/locks.ts";
import { postgresPlace } from "../../../src/core/index/postgres/postgresPlace.ts";
import { setUpSchema } from "../../../src/core/index/postgres/schema.ts";
import type { EmbeddedImage, Store } from "../../../src/core/index/store.ts";
import { CutNetwork } from "../../fixtures/cutNetwork.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../../fixtures/postgresServer.ts";

const DIM = 8;
const CONNECTIONS = 8;
const reason = postgresPrograms === undefined ? " (skipped: PostgreSQL is not installed)" : "";

const image = (path: string, content: number): EmbeddedImage => ({
  image: { path, mtimeMs: 1.5, ctimeMs: 2.5, size: 3, hash: Buffer.alloc(32, content), width: 4, height: 5 },
  embedding: Float32Array.from({ length: DIM }, (_, i) => Math.sin(content + i)),
});

describe.skipIf(postgresPrograms === undefined)(`faults of a database${reason}`, () => {
  let server: PostgresServer;
  let warnings: string[];
  let places: IndexPlace[];
  let folders = 0;

  beforeAll(async () => {
    server = await startPostgres([`max_connections=${CONNECTIONS}`, "superuser_reserved_connections=0"]);
  });
  afterAll(() => server?.remove());
  beforeEach(() => {
    warnings = [];
    places = [];
  });
  afterEach(async () => {
    for (const place of places) await place.close();
  });

  async function open(address = server.address(`faults ${++folders}`)): Promise<Store> {
    const place = await postgresPlace("/", address, { warn: (message) => warnings.push(message) });
    places.push(place);
    return place.openStore({ folder: "/", fingerprint: "a".repeat(64), model: "tiny", dim: DIM }, () => {});
  }

  /** Writes until it is told to end. @returns paths that were acknowledged */
  async function writeWhile(store: Store, work: () => Promise<void>): Promise<string[]> {
    const acknowledged: string[] = [];
    let ended = false;
    const writing = (async () => {
      for (let i = 0; !ended; i++) {
        const batch = [0, 1, 2, 3].map((j) => image(`${i}/${j}.png`, (4 * i + j) % 256));
        await store.put(batch);
        acknowledged.push(...batch.map((each) => each.image.path));
        await sleep(2);
      }
    })();
    await work();
    ended = true;
    await writing;
    return acknowledged;
  }

  async function expectAll(store: Store, acknowledged: readonly string[]): Promise<void> {
    const paths: string[] = [];
    for await (const { path } of store.embeddings()) paths.push(path);
    expect(paths.sort()).toEqual([...acknowledged].sort());
    expect(await store.health()).toMatchObject({
      rows: acknowledged.length,
      duplicates: 0,
      orphans: 0,
      integrity: "ok",
    });
  }

  test("a server that crashes and comes back after a while: work goes on, and it is told", async () => {
    const store = await open();
    const acknowledged = await writeWhile(store, async () => {
      await sleep(100);
      await server.stop("SIGQUIT");
      await sleep(1_500);
      await server.start();
      await sleep(300);
    });
    await expectAll(store, acknowledged);
    expect(warnings.join("\n")).toMatch(/does not answer.*What was acknowledged is kept[\s\S]*answers again/);
  });

  test("a network that drops", async () => {
    const proxy = await CutNetwork.before(server.port);
    const address = server.address(`faults ${++folders}`, { port: proxy.port });
    const store = await open(address);
    const acknowledged = await writeWhile(store, async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(60);
        proxy.drop();
        await sleep(200);
        proxy.restore();
      }
    });
    await expectAll(store, acknowledged);
    await places.pop()!.close();
    await proxy.close();
  });

  test("connections and statements that an operator ends, while a writer waits for a lock", async () => {
    const store = await open();
    const holder = new pg.Client({ host: "localhost", port: server.port, user: "lookalike", database: "postgres" });
    await holder.connect();
    await holder.query("begin; lock table lookalike.image in access exclusive mode");
    const put = store.put([image("a.png", 1)]);
    const end = (by: string) =>
      expect
        .poll(() =>
          server.sql(
            `select ${by}(pid) from pg_stat_activity where application_name = 'lookalike' and wait_event_type = 'Lock'`,
          ),
        )
        .not.toEqual([]);
    await end("pg_cancel_backend");
    await sleep(200);
    await end("pg_terminate_backend");
    await holder.query("commit");
    await holder.end();
    await put;
    expect(await store.find("a.png")).toMatchObject({ size: 3 });
  });

  test("no connection is free", async () => {
    const clients: pg.Client[] = [];
    for (let i = 0; i < CONNECTIONS; i++) {
      const client = new pg.Client({ host: "localhost", port: server.port, user: "lookalike", database: "postgres" });
      await client.connect();
      clients.push(client);
    }
    const opening = open();
    await sleep(700);
    for (const client of clients) await client.end();
    expect(await (await opening).count()).toBe(0);
  });

  test("a full disk is said, and what was there stays", async () => {
    const store = await open();
    await store.put([image("a.png", 1)]);
    // The disk of a test's server is the machine's: its answer is made up.
    await server.sql(`create function full_disk() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
      create trigger full_disk before insert on lookalike.image_0 for each row execute function full_disk()`);
    const many = Array.from({ length: 64 }, (_, i) => image(`b${i}.png`, i));
    await expect(store.put(many)).rejects.toThrow(/cannot grow: its disk is full. What was indexed is kept/);
    await server.sql("drop trigger full_disk on lookalike.image_0; drop function full_disk()");
    expect(await store.count()).toBe(1);
    await store.put(many);
    expect(await store.count()).toBe(65);
  });

  test("a read-only copy is searched and not written", async () => {
    const address = server.address(`faults ${++folders}`);
    await (await open(address)).put([image("a.png", 1)]);
    await server.sql("alter role lookalike set default_transaction_read_only = on");
    try {
      const store = await open(address);
      expect(await store.count()).toBe(1);
      await expect(store.put([image("b.png", 2)])).rejects.toThrow(
        /read-only copy: it can be searched, and not written/,
      );
    } finally {
      await server.sql("begin read write; alter role lookalike reset default_transaction_read_only; commit");
    }
  });

  test("a lock is taken again after its connection broke", async () => {
    const address = readAddress(server.address("locks"));
    const [one, two] = await Promise.all([Database.connect(address), Database.connect(address)]);
    const lock = [{ key: "it", shared: false }];
    const unlock = await takeLocks(one, lock, {});
    await server.sql("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'");
    const held = () => server.sql<{ n: string }>("select count(*) as n from pg_locks where locktype = 'advisory'");
    await expect.poll(async () => (await held())[0]!.n, { timeout: 5_000 }).toBe("1");
    await expect(takeLocks(two, lock, { every: 20, signal: AbortSignal.timeout(200) })).rejects.toThrow(/timeout/);
    await unlock();
    await (await takeLocks(two, lock, { every: 20 }))();
    await one.close();
    await two.close();
  });

  test("a lock that is waited for is got although the connection broke meanwhile", async () => {
    const address = readAddress(server.address("locks"));
    const [one, two] = await Promise.all([Database.connect(address), Database.connect(address)]);
    const lock = [{ key: "it", shared: false }];
    const unlock = await takeLocks(one, lock, {});
    let waited = 0;
    const waiting = takeLocks(two, lock, { every: 20, onWait: () => void waited++ });
    for (let round = 0; round < 2; round++) {
      const before = waited;
      await expect.poll(() => waited, { timeout: 20_000 }).toBeGreaterThan(before + 1);
      // Whoever has the lock keeps it.
      const others =
        "application_name = 'lookalike' and pid not in (select pid from pg_locks where locktype = 'advisory')";
      await server.sql(`select pg_terminate_backend(pid) from pg_stat_activity where ${others}`);
    }
    const before = waited;
    await expect.poll(() => waited, { timeout: 20_000 }).toBeGreaterThan(before);
    await unlock();
    await (await waiting)();
    await one.close();
    await two.close();
  });

  test("the roles and the rights on rows of docs/scale.md", async () => {
    const docs = readFileSync(join(import.meta.dirname, "../../../docs/scale.md"), "utf8");
    const written = (name: string) => docs.split(`\`\`\`sql ${name}\n`)[1]!.split("```")[0]!;
    // Nobody here may do more than the documents say.
    await server.sql("drop schema if exists lookalike cascade");
    await server.sql(written("create"));
    await server.sql(
      "create role ann login; grant lookalike_reader to ann; create role ivy login; grant lookalike_indexer to ivy; create role maps",
    );
    const as = (user: string, folder: string) => open(server.address(folder, { user }));
    await as("lookalike_owner", "maps/photos");
    const asOwner = async (text: string) => {
      const client = new pg.Client({
        host: "localhost",
        port: server.port,
        user: "lookalike_owner",
        database: "postgres",
      });
      await client.connect();
      await client.query(text).finally(() => client.end());
    };
    await asOwner(written("roles"));
    await (await as("ivy", "maps/photos")).put([image("a.png", 1)]);
    const reader = await as("ann", "maps/photos");
    expect(await reader.count()).toBe(1);
    await expect(reader.put([image("b.png", 2)])).rejects.toThrow(/does not let this user do that.*rights of a reader/);
    await expect(as("ann", "never indexed")).rejects.toThrow(/does not let this user/);

    // As a later version would.
    await asOwner("create table lookalike.later (n integer)");
    const rights = (who: string, what: string) =>
      server.sql(`select has_table_privilege('lookalike_${who}', 'lookalike.later', '${what}') as may`);
    expect(await rights("reader", "select")).toEqual([{ may: true }]);
    expect(await rights("reader", "insert")).toEqual([{ may: false }]);
    expect(await rights("indexer", "insert")).toEqual([{ may: true }]);

    await asOwner(written("rows"));
    await server.sql("grant maps to ivy");
    expect(await (await as("ivy", "maps/photos")).count()).toBe(1);
    // Not a member: not even that the index is there is seen.
    await expect(as("ann", "maps/photos")).rejects.toThrow(/does not let this user/);
    expect(await reader.count()).toBe(0);
    await expect(as("ivy", "plans/photos")).rejects.toThrow(/does not let this user/);
  });

  test("an older version at work while a newer one changes the tables; afterwards the older is told to update", async () => {
    await server.sql("drop schema lookalike cascade");
    const database = await Database.connect(readAddress(server.address("old")));
    await setUpSchema(database, 1);
    await server.sql("insert into lookalike.indexes (folder, fingerprint, model, dim) values ('old', 'f', 'm', 8)");
    // Several newer ones at once: one of them changes the tables.
    await Promise.all([open(), open(), open()]);
    const put =
      "insert into lookalike.image select id, 'a', 0, 0, 1, '', 1, 1, false, '', 0 from lookalike.indexes where folder = 'old'";
    await database.query(put);
    expect(await server.sql("select path from lookalike.image")).toEqual([{ path: "a" }]);
    await expect(setUpSchema(database, 1)).rejects.toThrow(/newer version of Lookalike \(format 2.*Update Lookalike/);
    await database.close();
  });
});

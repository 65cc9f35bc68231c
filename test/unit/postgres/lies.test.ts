/** A database that others changed, or that is none: it is told in words for people, nothing waits for ever, and nothing ends. */
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAddress } from "../../../src/core/index/postgres/address.ts";
import { Database, type DatabaseOptions } from "../../../src/core/index/postgres/database.ts";
import { postgresPlace } from "../../../src/core/index/postgres/postgresPlace.ts";
import { type EmbeddedImage, StoreError } from "../../../src/core/index/store.ts";
import { LyingServer, liesBySeed } from "../../fixtures/lyingServer.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../../fixtures/postgresServer.ts";

const DIM = 8;
const SEEDS = 16;
/** A server that is silent is waited for so long, and asked again for so long. Milliseconds. */
const SHORT = { answer: 60, patience: 300 };
/** Beyond, something waits for ever. Milliseconds. */
const ENDLESS = 40_000;
const identity = { folder: "/", fingerprint: "a".repeat(64), model: "tiny", dim: DIM };
const reason = postgresPrograms === undefined ? " (skipped: PostgreSQL is not installed)" : "";

const image = (path: string, content: number): EmbeddedImage => ({
  image: { path, mtimeMs: 1.5, ctimeMs: 2.5, size: 3, hash: Buffer.alloc(32, content), width: 4, height: 5 },
  embedding: Float32Array.from({ length: DIM }, (_, i) => Math.sin(content + i)),
});
const images = ["a.png", "b/c.png", "d.png"].map(image);
const many = Array.from({ length: 600 }, (_, i) => image(`many/${i}.png`, i % 256));

/** All that is asked of a place. @returns paths that it gave */
async function useAll(address: string, options: DatabaseOptions = {}): Promise<string[]> {
  const paths: string[] = [];
  const place = await postgresPlace("/", address, options);
  let unlock: () => unknown = () => {};
  try {
    unlock = await place.lockRuns({ every: 20, signal: AbortSignal.timeout(3_000) });
    const store = await place.openStore(identity, () => {});
    await store.put(images);
    await store.put(many);
    await store.attempt(["a.png"]);
    for (const { path } of await store.heldAtDeath()) paths.push(path);
    await store.verify();
    for (const { path } of [...(await store.images()), ...(await store.skipped())]) paths.push(path);
    for await (const { path } of store.embeddings()) paths.push(path);
    await store.remove(many.map((each) => each.image));
    const snapshot = await store.snapshot();
    paths.push(...snapshot.paths);
    for await (const _ of snapshot.embeddings());
    await snapshot.close();
    for (const { path } of await store.findMany!(["a.png", "nowhere"])) paths.push(path);
    await store.content(Buffer.alloc(32, 1));
    paths.push(...(await store.elsewhere("a.png")), ...(await store.partial()));
    await store.keepNote("x", "y");
    await store.note("x");
    await store.health();
    await place.models!.current("x");
    await place.thumbnails!.get(Buffer.alloc(32));
    for (const { path } of await place.thumbnails!.missing(identity.fingerprint)) paths.push(path);
    for (const { path } of (await place.kept(identity.fingerprint)).skipped) paths.push(path);
    for await (const row of (await place.openRows(identity.fingerprint, "tiny")).rows()) paths.push(row.image.path);
    return paths;
  } finally {
    await unlock();
    await place.close();
  }
}

/** @returns what it was refused with, null where it was not */
async function outcome(work: Promise<unknown>): Promise<string | null> {
  const endless = sleep(ENDLESS, new Error("it waits for ever"), { ref: false });
  const error = await Promise.race([
    work.then(
      () => null,
      (failure: unknown) => failure,
    ),
    endless,
  ]);
  if (error === null) return null;
  if (!(error instanceof StoreError)) throw error;
  return error.message;
}

describe.skipIf(postgresPrograms === undefined)(`a database that lies${reason}`, () => {
  let server: PostgresServer;
  let liar: LyingServer;
  let folders = 0;
  const address = (port?: number) => server.address(`lies ${++folders}`, port === undefined ? {} : { port });
  beforeAll(async () => {
    server = await startPostgres(["max_connections=100"]);
    liar = await LyingServer.before(server.port);
  });
  afterAll(async () => {
    await liar?.close();
    await server?.remove();
  });

  test("messages that are lost, doubled, cut, written over, made up, or end in the middle", async () => {
    expect(await outcome(useAll(address(liar.port)))).toBeNull();
    const refusals = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      liar.lie(liesBySeed(seed));
      const refusal = await outcome(useAll(address(liar.port), SHORT)).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error });
      });
      if (refusal !== null) refusals.add(refusal.replace(/.*folder=\S+ /, ""));
      liar.lie(undefined);
    }
    expect(refusals.size).toBeGreaterThan(3);
    for (const refusal of refusals) expect(refusal).not.toMatch(/undefined|Cannot read|not a function|offset|buffer/);
    expect(await outcome(useAll(address(liar.port)))).toBeNull();
  }, 600_000);

  test("a server that takes the connection and never says a word", async () => {
    const silent = createServer((socket) => void socket.on("error", () => {}));
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const { port } = silent.address() as { port: number };
    expect(await outcome(useAll(address(port), SHORT))).toMatch(/does not answer .*try again once it does/);
    silent.close();
  }, 60_000);

  test.each([
    ["the answer to a question that nobody asked", Buffer.from("I\0\0\0\u0004")],
    ["a way to prove who one is that there is not", Buffer.from("R\0\0\0\u000b\0\0\0\nX\0\0")],
  ])("one that says this in place of a welcome: %s", async (_, says) => {
    const odd = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.write(says));
    });
    await new Promise<void>((done) => odd.listen(0, "127.0.0.1", done));
    const { port } = odd.address() as { port: number };
    expect(await outcome(useAll(address(port), SHORT))).toMatch(/none of a PostgreSQL .*no answer to who asks/);
    const database = Database.connect(readAddress(address(port)), SHORT);
    expect(await outcome(database)).toMatch(/none of a PostgreSQL .*no answer to who asks/);
    odd.close();
  });

  test("one that is silent from some moment on, whoever waits", async () => {
    liar.lie(undefined);
    const database = await Database.connect(readAddress(address(liar.port)), SHORT);
    const client = await database.session();
    liar.lie(() => "silence");
    const silent = /does not answer .*try again once it does/;
    expect(await outcome(database.query("select 1"))).toMatch(silent);
    expect(await outcome(client.query("select 1").catch((error) => Promise.reject(database.plainly(error))))).toMatch(
      silent,
    );
    expect(await outcome(database.transaction((own) => own.query("select 1")))).toMatch(silent);
    await database.close();
  }, 120_000);

  test("rows without end: no more of them are taken than were asked for, or than there is memory for", async () => {
    liar.lie(undefined);
    const here = address(liar.port);
    await useAll(here);
    const place = await postgresPlace("/", here, { memory: 2 ** 20 });
    const store = await place.openStore(identity, () => {});
    await store.put(many.slice(0, 2));
    const path = "a.png";
    const ofPage = async () => {
      for await (const _ of store.embeddings());
    };
    const asked: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
      ["a page", ofPage, /none of a PostgreSQL with the tables of Lookalike \(more rows than asked for\)/],
      ["by their paths", () => store.findMany!([path]), /more rows than asked for/],
      ["by rows", () => store.embeddingsOf([{ key: 0, path }]), /more rows than asked for/],
      ["all states", () => store.images(), /sends more than this process can hold \(beyond 1 MB in one answer\)/],
      ["a snapshot", () => store.snapshot(), /sends more than this process can hold/],
    ];
    for (const [what, ask, says] of asked) {
      const before = liar.poured;
      liar.lie((kind, _, message) => (kind === "D" ? "endless" : message));
      expect(await outcome(ask()), what).toMatch(says);
      liar.lie(undefined);
      // What the system holds on the way is a few megabytes more.
      expect(liar.poured - before, what).toBeLessThan(64 * 2 ** 20);
    }
    await ofPage();
    await place.close();
  }, 60_000);

  const CHANGED: readonly (readonly [name: string, sql: string])[] = [
    ["a column of another type", "alter table lookalike.image alter column width type text"],
    ["hashes as text", "alter table lookalike.image alter column hash type text"],
    ["times as text", "alter table lookalike.image alter column mtime_ms type text"],
    ["paths as bytes", "alter table lookalike.attempt alter column path type bytea using path::bytea"],
    ["a column that is gone", "alter table lookalike.image drop column partial"],
    ["a table that is gone", "drop table lookalike.change"],
    [
      "rows that lack something",
      "alter table lookalike.image alter column hash drop not null; update lookalike.image set path = 'z' || path, hash = null",
    ],
    ["a version that is no number", "update lookalike.meta set value = 'two' where key = 'version'"],
    [
      "a view in place of a table",
      "alter table lookalike.skipped rename to old; create view lookalike.skipped as select 1 as path",
    ],
    ["another number of values", "update lookalike.indexes set dim = 9999"],
  ];
  test.each(CHANGED)("tables that somebody changed: %s", async (_, sql) => {
    await server.sql("drop schema if exists lookalike cascade");
    const here = address();
    expect(await outcome(useAll(here))).toBeNull();
    await server.sql(sql);
    expect(await outcome(useAll(here))).toMatch(
      /gives an answer that is none of a PostgreSQL with the tables of Lookalike|cannot be used \(\w{5}: |is not of this model/,
    );
    await server.sql("drop schema lookalike cascade");
    expect(await outcome(useAll(here))).toBeNull();
  });

  test("rows that somebody made up: no path outside of the folder, no embedding that is none", async () => {
    await server.sql("drop schema if exists lookalike cascade");
    const here = address();
    await useAll(here);
    const copy = (path: string, branches: Buffer, crc: number) =>
      server.sql(
        `insert into lookalike.image (index_id, path, mtime_ms, size, hash, width, height, partial, branches, crc)
         select index_id, $1, 'NaN', -1, hash, -5, 2147483647, false, $2, $3 from lookalike.image where path = 'a.png'`,
        [path, branches, crc],
      );
    const whole = Buffer.alloc(2 * DIM, 0x3c);
    for (const path of ["../secret.png", "/etc/passwd", "x/../../y.png", "x".repeat(40_000)])
      await copy(path, whole, crc32(whole));
    await copy("short.png", whole.subarray(2), crc32(whole.subarray(2)));
    await copy("long.png", Buffer.alloc(100_000), 0);
    const numbers = Buffer.alloc(2 * DIM, 0x7e);
    await copy("nan.png", numbers, crc32(numbers));
    await copy("made up.png", whole, crc32(whole));
    const place = await postgresPlace("/", here, {});
    const store = await place.openStore(identity, () => {});
    const found: string[] = [];
    for await (const { path, embedding } of store.embeddings()) {
      found.push(path);
      expect([...embedding].every(Number.isFinite), path).toBe(true);
    }
    expect(found.sort()).toEqual(["a.png", "b/c.png", "d.png", "made up.png"]);
    await place.close();
  });
});

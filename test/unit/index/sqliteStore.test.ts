import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../../../src/core/index/openSqliteStore.ts";
import type { EmbeddedImage, Store } from "../../../src/core/index/store.ts";

const IDENTITY = { folder: "/photos", fingerprint: "abc", dim: 4 };

let folder: string;
let file: string;
const warnings: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-store-"));
  file = join(folder, "index.sqlite");
  warnings.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (identity = IDENTITY): Store => openSqliteStore(file, identity, (message) => warnings.push(message));

const STATE = (path: string) => ({ path, mtimeMs: 1.25, ctimeMs: 1.25, size: 7 });

function image(path: string, value = 0.5): EmbeddedImage {
  return {
    image: { path, mtimeMs: 1.25, ctimeMs: 1.25, size: 7, hash: new Uint8Array(32).fill(9), width: 3, height: 2 },
    embedding: Float32Array.of(value, 0.25, -1, 0),
  };
}

async function embeddings(store: Store): Promise<Record<string, number[]>> {
  const all: Record<string, number[]> = {};
  for await (const { path, embedding } of store.embeddings()) all[path] = [...embedding];
  return all;
}

test("keeps what was put, across a reopen", async () => {
  const names = ["a b.png", "it's.png", 'say "x".png', "#1 100%.png", "grüße/✓.png"];
  let store = open();
  await store.put(names.map((name) => image(name)));
  await store.close();
  store = open();
  expect((await store.images()).map((row) => row.path).sort()).toEqual([...names].sort());
  expect(await store.find("a b.png")).toMatchObject({ mtimeMs: 1.25, ctimeMs: 1.25, size: 7, width: 3, height: 2 });
  expect((await embeddings(store))["grüße/✓.png"]).toEqual([0.5, 0.25, -1, 0]);
  await store.close();
});

test("putting a path again replaces it", async () => {
  const store = open();
  await store.put([image("a.png"), image("b.png")]);
  await store.put([image("a.png", 0.75)]);
  expect(await embeddings(store)).toEqual({ "a.png": [0.75, 0.25, -1, 0], "b.png": [0.5, 0.25, -1, 0] });
  await store.close();
});

test("a batch with a wrong row changes nothing", async () => {
  const store = open();
  const wrong = { ...image("b.png"), embedding: new Float32Array(3) };
  await expect(store.put([image("a.png"), wrong])).rejects.toThrow("3 values, expected 4");
  expect(await store.images()).toEqual([]);
  await store.close();
});

test("removing and skipping forget the embedding too", async () => {
  const store = open();
  await store.put([image("a.png"), image("b.png"), image("c.png")]);
  await store.remove([STATE("a.png"), STATE("never there.png"), { ...STATE("c.png"), mtimeMs: 2, ctimeMs: 2 }]);
  await store.skip([{ path: "b.png", mtimeMs: 1, ctimeMs: 1, size: 2, reason: "damaged" }]);
  expect(Object.keys(await embeddings(store))).toEqual(["c.png"]);
  expect(await store.skipped()).toEqual([{ path: "b.png", mtimeMs: 1, ctimeMs: 1, size: 2, reason: "damaged" }]);
  await store.put([image("b.png")]);
  expect(await store.skipped()).toEqual([]);
  await store.close();
});

test("goes through more embeddings than one page, while others are written", async () => {
  const store = open();
  const names = Array.from({ length: 600 }, (_, i) => `${i}.png`);
  await store.put(names.map((name) => image(name)));
  const seen: string[] = [];
  for await (const { path } of store.embeddings()) {
    seen.push(path);
    if (seen.length === 300) await store.remove([STATE("0.png")]);
  }
  expect(seen.sort()).toEqual(names.sort());
  await store.close();
});

test("sees changes of another connection, not its own", async () => {
  const [one, two] = [open(), open()];
  await one.put([image("a.png")]);
  expect(await one.changedByOthers()).toBe(false);
  expect(await two.changedByOthers()).toBe(true);
  expect(await two.changedByOthers()).toBe(false);
  await one.close();
  await two.close();
});

test("tells of changes of another connection, until it is told to end or closed", async () => {
  const [one, two] = [open(), open()];
  let told = 0;
  const end = one.changes.watch(5, () => void told++);
  await one.put([image("own.png")]);
  await two.put([image("a.png")]);
  await expect.poll(() => told).toBe(1);
  await two.remove([STATE("a.png")]);
  await expect.poll(() => told).toBe(2);
  end();
  let late = 0;
  one.changes.watch(5, () => void late++);
  await two.put([image("b.png")]);
  await expect.poll(() => late).toBe(1);
  expect(told).toBe(2);
  await one.close();
  await two.put([image("c.png")]);
  await new Promise((done) => setTimeout(done, 50));
  expect(late).toBe(1);
  await two.close();
});

test("has another version after each change, whoever made it, and after nothing else", async () => {
  const [one, two] = [open(), open()];
  const seen = new Set([await one.version()]);
  expect(await one.version()).toBe([...seen][0]);
  for (const change of [
    () => one.put([image("a.png")]),
    () => two.put([image("b.png")]),
    () => two.remove([STATE("a.png")]),
    () => one.skip([{ ...STATE("b.png"), reason: "damaged" }]),
  ]) {
    await change();
    const version = await one.version();
    expect(seen).not.toContain(version);
    seen.add(version);
    await one.find("a.png");
    expect(await one.version()).toBe(version);
  }
  await one.close();
  await two.close();
});

test("puts a damaged file aside and starts over", async () => {
  writeFileSync(file, "this is no database, but it is long enough to be taken for one".repeat(400));
  const store = open();
  expect(await store.images()).toEqual([]);
  await store.close();
  expect(readdirSync(folder).some((name) => name.startsWith("index.sqlite.damaged-"))).toBe(true);
  expect(warnings.join()).toContain("was damaged");
});

test("an index of another model or of another length is put aside; a place that cannot be written is refused", async () => {
  await open().close();
  for (const other of [
    { ...IDENTITY, fingerprint: "other" },
    { ...IDENTITY, fingerprint: "other", dim: 8 },
  ]) {
    warnings.length = 0;
    await open(other).close();
    expect(warnings.join()).toContain("was damaged. It was put aside");
  }
  writeFileSync(join(folder, "occupied"), "");
  expect(() => openSqliteStore(join(folder, "occupied", "index.sqlite"), IDENTITY, () => {})).toThrow(
    /cannot be opened .*choose another place/,
  );
});

test("what was acknowledged outlives a kill in the middle of writing", async () => {
  const writer = fork(join(import.meta.dirname, "storeWriter.ts"), [file], { execArgv: [] });
  const acknowledged: number[] = [];
  writer.on("message", (n: number) => {
    acknowledged.push(n);
    if (n === 25) writer.kill("SIGKILL");
  });
  await once(writer, "exit");
  const store = open();
  const kept = new Set(Object.keys(await embeddings(store)));
  await store.close();
  expect(acknowledged.length).toBeGreaterThanOrEqual(25);
  for (const n of acknowledged) expect(kept).toContain(`${n}.png`);
});

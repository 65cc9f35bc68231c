import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openThumbnailCache, THUMBNAILS } from "../../../src/core/index/thumbnailCache.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-thumbnails-"));
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true, force: true });
});

const open = (limit?: number) => openThumbnailCache(root, limit);
const hash = (n: number) => Buffer.alloc(32, n);
const bytes = (n: number) => Buffer.alloc(1000, n);

test("keeps to its limit: those go that were not used for longest, and the file shrinks", () => {
  const cache = open(20_000);
  for (let n = 0; n < 20; n++) {
    vi.setSystemTime(1000 + n);
    cache.put(hash(n), 128, bytes(n));
  }
  vi.setSystemTime(2000);
  expect(cache.get(hash(0), 128)).toEqual(bytes(0));
  cache.put(hash(20), 128, bytes(20));
  const kept = Array.from({ length: 21 }, (_, n) => n).filter((n) => cache.get(hash(n), 128) !== undefined);
  expect(kept).toEqual([0, ...Array.from({ length: 15 }, (_, i) => 6 + i)]);
  cache.close();
  const before = statSync(join(root, THUMBNAILS)).size;
  const smaller = open(5_000);
  smaller.close();
  expect(statSync(join(root, THUMBNAILS)).size).toBeLessThan(before);
});

test("the clock goes back a day: the bound holds, and those stay that were used last", () => {
  vi.setSystemTime(1e12);
  const before = open(20_000);
  for (let n = 0; n < 15; n++) before.put(hash(n), 128, bytes(n));
  before.close();
  vi.setSystemTime(1e12 - 86_400_000);
  const cache = open(20_000);
  for (let n = 15; n < 21; n++) cache.put(hash(n), 128, bytes(n));
  const kept = Array.from({ length: 21 }, (_, n) => n).filter((n) => cache.get(hash(n), 128) !== undefined);
  expect(kept).toEqual(Array.from({ length: 16 }, (_, i) => 5 + i));
  cache.close();
});

test("forgets what is not wanted, of all sizes", async () => {
  const cache = open();
  for (const size of [64, 128]) for (const n of [1, 2]) cache.put(hash(n), size, bytes(n));
  await cache.prune(async (content) => content[0] === 2);
  expect(cache.get(hash(1), 64) ?? cache.get(hash(1), 128)).toBeUndefined();
  expect(cache.get(hash(2), 64)).toEqual(bytes(2));
  cache.close();
});

test("a cache of the first version is thrown away; where none can be opened nothing is cached", () => {
  const old = new Database(join(root, THUMBNAILS));
  old.exec(
    "create table thumbnail (hash blob not null, size integer not null, bytes blob not null, primary key (hash, size))",
  );
  old.close();
  const cache = open();
  cache.put(hash(1), 64, bytes(1));
  expect(cache.get(hash(1), 64)).toEqual(bytes(1));
  cache.close();
  const nowhere = openThumbnailCache(join(root, "no folder"));
  nowhere.put(hash(1), 64, bytes(1));
  expect(nowhere.get(hash(1), 64)).toBeUndefined();
  nowhere.close();
});

test("a damaged thumbnail is none; a file without its table, or that is no database, is made anew", () => {
  const cache = open();
  cache.put(hash(1), 128, bytes(1));
  const database = new Database(join(root, THUMBNAILS));
  database.exec("update thumbnail set bytes = zeroblob(1000)");
  expect(cache.get(hash(1), 128)).toBeUndefined();
  cache.put(hash(1), 128, bytes(2));
  expect(cache.get(hash(1), 128)).toEqual(bytes(2));
  cache.close();
  for (const damage of [
    () => database.exec("drop table thumbnail"),
    () => {
      database.close();
      for (const suffix of ["-wal", "-shm"]) rmSync(join(root, THUMBNAILS) + suffix, { force: true });
      writeFileSync(join(root, THUMBNAILS), "no database".repeat(1000));
    },
  ]) {
    damage();
    const anew = open();
    expect(anew.get(hash(1), 128)).toBeUndefined();
    anew.put(hash(1), 128, bytes(3));
    expect(anew.get(hash(1), 128)).toEqual(bytes(3));
    anew.close();
  }
});

/** An index with wrong content: noticed, told, put aside or taken out, and built anew from what is left. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../../../src/core/index/openSqliteStore.ts";
import { contents, DIM, dump, MeanColour, update } from "./support.ts";

const IMAGES = 12;
let root: string;
let folder: string;
let file: string;
let warnings: string[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-healing-"));
  folder = join(root, "images");
  file = join(root, "index", "abc.sqlite");
  warnings = [];
  mkdirSync(folder);
  for (let i = 0; i < IMAGES; i++) {
    const background = { r: 20 * i, g: (i * 7) % 256, b: (i * 31) % 256 };
    const image = sharp({ create: { width: 6, height: 4, channels: 3, background } });
    await image.png().toFile(join(folder, `${i}.png`));
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (dim = DIM) =>
  openSqliteStore(file, { folder: "/photos", fingerprint: "abc", dim }, (message) => warnings.push(message));

function damage(sql: string): void {
  const database = new Database(file);
  database.pragma("foreign_keys = OFF");
  database.exec(sql);
  database.close();
}

async function indexed(): Promise<unknown[]> {
  const store = open();
  await update(folder, store, new MeanColour());
  const all = await dump(store);
  await store.close();
  return all;
}

test.each([
  ["a table", "drop table image"],
  ["the table of vectors", "drop table embedding"],
  ["what it is about", "drop table meta"],
  ["a trigger", "drop trigger image_gone"],
  ["a column", "alter table skipped drop column reason"],
  ["its version", "pragma user_version = 0"],
  ["its length", "update meta set value = '7' where key = 'dim'"],
])("an index that lacks %s is put aside, told once, and made anew", async (_, sql) => {
  const before = await indexed();
  damage(sql);
  expect(await indexed()).toEqual(before);
  expect(warnings).toEqual([expect.stringMatching(/was damaged. It was put aside as .*\.damaged-/)]);
  expect(readdirSync(dirname(file)).filter((name) => /\.damaged-\d+$/.test(name))).toHaveLength(1);
});

// Whoever can write a shared place can put these there: a view that never ends, a trigger that doubles what is written.
const ENDLESS = "with recursive n (i) as (select 1 union all select i + 1 from n) select i";
test.each([
  ["a view", `create view more as ${ENDLESS} as path from n`],
  [
    "a view in the place of a table",
    `drop table skipped;
     create view skipped as ${ENDLESS} as path, 0 as mtime_ms, 0 as ctime_ms, 0 as size, '' as reason, '' as kind from n`,
  ],
  [
    "a view in the place of what it is about",
    `drop table meta; create view meta as ${ENDLESS} as key, '' as value from n`,
  ],
  ["a trigger", "create trigger more after insert on embedding begin delete from image; end"],
  [
    "a trigger in the place of another",
    "drop trigger image_back; create trigger image_back after insert on image begin delete from embedding; end",
  ],
  ["a column that is computed", "create table more (a, b as (abs(a)))"],
  ["an index of what is computed", "create index more on image (abs(size))"],
])("an index with %s that is not of Lookalike is put aside, told once, and made anew", async (_, sql) => {
  const before = await indexed();
  damage(sql);
  expect(await indexed()).toEqual(before);
  expect(warnings).toEqual([expect.stringMatching(/was damaged. It was put aside as .*\.damaged-/)]);
});

const ONE = "where image_id = (select id from image where path = '3.png')";
test.each([
  ["of two bytes", `update embedding set branches = x'0102' ${ONE}`],
  ["with a flipped bit", `update embedding set branches = x'003c000000380001' ${ONE}`],
  ["that is no number", `update embedding set branches = x'007e007e007e007e', crc = null ${ONE}`],
  ["that is not there", `delete from embedding ${ONE}`],
])("an embedding %s is in no list, and is made again by the next update", async (how, sql) => {
  const before = await indexed();
  damage(sql);
  const store = open();
  expect((await contents(store)).has("3.png")).toBe(false);
  expect((await contents(store)).size).toBe(IMAGES - 1);
  if (how !== "that is not there") {
    // Once, however often it is read.
    expect(warnings).toEqual([expect.stringContaining("are damaged, and are left out")]);
    const snapshot = await store.snapshot();
    const all = async () => {
      for await (const row of snapshot.embeddings()) expect(row).toHaveLength(DIM);
    };
    await expect(all()).rejects.toThrow(/3\.png .*is damaged. Index the folder again/);
    await snapshot.close();
  }
  const embedder = new MeanColour();
  expect(await update(folder, store, embedder)).toMatchObject({ indexed: 1, reused: 0, unchanged: IMAGES - 1 });
  expect(embedder.count).toBe(1);
  expect(warnings.at(-1)).toContain("1 embeddings in the index");
  expect(await dump(store)).toEqual(before);
  await store.close();
});

test("what happens to an index while it is open is said in words for people", async () => {
  await indexed();
  const store = open();
  damage("drop table skipped");
  await expect(store.skipped()).rejects.toThrow(/is damaged \(no such table: skipped\). Rebuild it/);
  await store.close();
});

test("an image of which the model gives no numbers is skipped with that reason, and so are its copies", async () => {
  copyFileSync(join(folder, "3.png"), join(folder, "3 copy.png"));
  class Faulty extends MeanColour {
    override async embed(pixels: Uint8Array, count: number): Promise<Float32Array> {
      const rows = await super.embed(pixels, count);
      // 3.png is the one with 60 of 255 in red.
      for (let i = 0; i < count; i++) if (pixels[i * 48] === 60) rows[i * DIM] = Number.NaN;
      return rows;
    }
  }
  const store = open();
  const { indexed: count, skipped } = await update(folder, store, new Faulty());
  expect(count).toBe(IMAGES - 1);
  const reason = "the model mean gives no numbers for it";
  expect(skipped).toEqual(["3 copy.png", "3.png"].map((path) => ({ path, reason })));
  expect(await update(folder, store, new MeanColour(), { rebuild: true })).toMatchObject({
    indexed: IMAGES + 1,
    skipped: [],
  });
  await store.close();
});

/** An index and its files over weeks: what changes without a sign, what goes away and comes back. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import Database from "better-sqlite3";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readImage } from "../../../src/core/images/index.ts";
import { contents, dump, filesUnder, MeanColour, openStore, update } from "./support.ts";

let root: string;
let folder: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-time-"));
  folder = join(root, "images");
  file = join(root, "index", "abc.sqlite");
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const fileHash = async (path: string) => (await readImage(path)).hash;

async function draw(count: number, from = 0): Promise<void> {
  for (let i = from; i < from + count; i++) {
    const background = { r: i % 256, g: (i * 7) % 256, b: (i * 31) % 256 };
    await sharp({ create: { width: 6, height: 4, channels: 3, background } })
      .png()
      .toFile(join(folder, `${String(i).padStart(4, "0")}.png`));
  }
}

test("what changes in a file that keeps time and size is noticed; records of before are filled in", async () => {
  await draw(3);
  const store = openStore(file);
  const embedder = new MeanColour();
  await update(folder, store, embedder);
  const path = join(folder, "0001.png");
  const { atime, mtime, size } = statSync(path);
  const other = await sharp({ create: { width: 6, height: 4, channels: 3, background: "#123456" } })
    .png()
    .toBuffer();
  // Past the end of a PNG anything may stand.
  writeFileSync(path, Buffer.concat([other, Buffer.alloc(Math.max(0, size - other.length))]));
  utimesSync(path, atime, mtime);
  expect(statSync(path)).toMatchObject({ size, mtime });
  expect(await update(folder, store, embedder)).toMatchObject({ updated: 1, reused: 0, unchanged: 2 });
  // Rights are no content.
  chmodSync(path, 0o600);
  expect(await update(folder, store, embedder)).toMatchObject({ updated: 1, reused: 1, unchanged: 2 });
  expect(embedder.count).toBe(4);

  const database = new Database(file);
  database.exec("update image set ctime_ms = null");
  database.close();
  expect(await update(folder, store, embedder)).toMatchObject({ updated: 0, unchanged: 3 });
  for (const { ctimeMs, path: name } of await store.images())
    expect(ctimeMs).toBe(statSync(join(folder, name)).ctimeMs);
  await store.close();
});

test("what comes back within thirty days is not embedded again, and until then nothing finds it", async () => {
  await draw(3);
  const store = openStore(file);
  const embedder = new MeanColour();
  await update(folder, store, embedder);
  const before = await dump(store);
  const away = join(root, "away.png");
  renameSync(join(folder, "0001.png"), away);
  expect(await update(folder, store, embedder)).toMatchObject({ removed: 1 });
  expect((await contents(store)).size).toBe(2);
  expect(await store.count()).toBe(2);
  expect(await store.find("0001.png")).toBeUndefined();
  expect(await store.health()).toMatchObject({ rows: 2, images: 2, orphans: 0 });
  const snapshot = await store.snapshot();
  expect(snapshot.paths).toEqual(["0000.png", "0002.png"]);
  await snapshot.close();
  const known = await store.content(await fileHash(away));
  expect(known).toMatchObject({ width: 6, height: 4 });
  expect((await store.holder(await fileHash(away))) !== undefined).toBe(false);
  renameSync(away, join(folder, "0001.png"));
  expect(await update(folder, store, embedder)).toMatchObject({ indexed: 1, reused: 1 });
  expect(embedder.count).toBe(3);
  const withoutChange = (rows: unknown[]) => rows.map((row) => ({ ...(row as object), ctimeMs: 0 }));
  expect(withoutChange(await dump(store))).toEqual(withoutChange(before));

  // After them it is forgotten, and by a rebuild.
  renameSync(join(folder, "0001.png"), away);
  await update(folder, store, embedder);
  const database = new Database(file);
  database.exec("update former set gone_ms = gone_ms - 31.0 * 24 * 60 * 60 * 1000");
  await update(folder, store, embedder);
  const former = () => database.prepare("select count(*) from former").pluck().get();
  expect(former()).toBe(0);
  rmSync(join(folder, "0002.png"));
  await update(folder, store, embedder);
  expect(former()).toBe(1);
  await update(folder, store, embedder, { rebuild: true });
  expect(former()).toBe(0);
  database.close();
  await store.close();
});

test("a content that is replaced is put by as well, and a damaged embedding is never taken", async () => {
  await draw(3);
  const store = openStore(file);
  const embedder = new MeanColour();
  await update(folder, store, embedder);
  const [a, b] = [join(folder, "0001.png"), join(folder, "0002.png")];
  const first = readFileSync(a);
  writeFileSync(a, readFileSync(b));
  expect(await update(folder, store, embedder)).toMatchObject({ updated: 1, reused: 1 });
  writeFileSync(a, first);
  expect(await update(folder, store, embedder)).toMatchObject({ updated: 1, reused: 1 });
  writeFileSync(a, readFileSync(b));
  await update(folder, store, embedder);
  const database = new Database(file);
  database.exec("update former set branches = zeroblob(length(branches))");
  database.close();
  writeFileSync(a, first);
  expect(await update(folder, store, embedder)).toMatchObject({ updated: 1, reused: 0 });
  await store.close();
});

test("nearly all images gone at once: nothing is removed until that is accepted; what comes back costs nothing", async () => {
  await draw(60);
  const store = openStore(file);
  const embedder = new MeanColour();
  await update(folder, store, embedder);
  const away = join(root, "away");
  renameSync(folder, away);
  mkdirSync(folder);
  await expect(update(folder, store, embedder)).rejects.toMatchObject({ name: "VanishedError", gone: 60, indexed: 60 });
  await expect(update(folder, store, embedder, { rebuild: true })).rejects.toThrow(/60 of the 60 indexed images/);
  expect(await store.count()).toBe(60);
  expect(await update(folder, store, embedder, { acceptRemoved: true })).toMatchObject({ removed: 60 });
  expect(await store.count()).toBe(0);
  rmSync(folder, { recursive: true });
  renameSync(away, folder);
  expect(await update(folder, store, embedder)).toMatchObject({ indexed: 60, reused: 60 });
  expect(embedder.count).toBe(60);
  await store.close();
});

test.each([
  ["45 of 50", 50, 45, true],
  ["44 of 50", 50, 44, false],
  ["all of 49", 49, 49, false],
])("%s gone at once", async (_, images, gone, isAsked) => {
  await draw(images);
  const store = openStore(file);
  await update(folder, store, new MeanColour());
  for (const name of filesUnder(folder).sort().slice(0, gone)) rmSync(name);
  const run = update(folder, store, new MeanColour());
  if (isAsked) await expect(run).rejects.toMatchObject({ name: "VanishedError", gone, indexed: images });
  else expect(await run).toMatchObject({ removed: gone });
  expect(await store.count()).toBe(isAsked ? images : images - gone);
  await store.close();
});

test("what is deleted on purpose, moved, replaced in part or left out by a filter needs no word", async () => {
  await draw(60);
  const store = openStore(file);
  const embedder = new MeanColour();
  await update(folder, store, embedder);
  const pictures = join(folder, "pictures");
  mkdirSync(pictures);
  for (const name of filesUnder(folder)) renameSync(name, join(pictures, basename(name)));
  expect(await update(folder, store, embedder)).toMatchObject({ indexed: 60, reused: 60, removed: 60 });
  // Moved, and embedded again at the same time.
  renameSync(pictures, join(folder, "photos"));
  expect(await update(folder, store, embedder, { rebuild: true })).toMatchObject({ indexed: 60, removed: 60 });
  expect(await update(folder, store, embedder, { filter: { include: ["0001.png"] } })).toMatchObject({ removed: 59 });
  expect(await update(folder, store, embedder)).toMatchObject({ indexed: 59, reused: 59 });
  for (const name of filesUnder(folder).sort().slice(0, 53)) rmSync(name);
  expect(await update(folder, store, embedder)).toMatchObject({ removed: 53, unchanged: 7 });
  for (const name of filesUnder(folder)) rmSync(name);
  expect(await update(folder, store, embedder)).toMatchObject({ removed: 7 });
  await store.close();
});

test("other files of the same size are no moved ones", async () => {
  // As uncompressed pictures of one camera: all of one size. Past the end of a PNG anything may stand.
  const pad = () => {
    for (const name of filesUnder(folder)) {
      const bytes = readFileSync(name);
      writeFileSync(name, Buffer.concat([bytes, Buffer.alloc(500 - bytes.length)]));
    }
  };
  await draw(50);
  pad();
  const store = openStore(file);
  const embedder = new MeanColour();
  expect(await update(folder, store, embedder)).toMatchObject({ indexed: 50 });
  for (const name of filesUnder(folder)) rmSync(name);
  await draw(50, 50);
  pad();
  await expect(update(folder, store, embedder)).rejects.toMatchObject({ gone: 50, indexed: 50 });
  await store.close();
});

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { EmbedderPool, FolderIndex, indexDetails, openEmbedder, removeIndex } from "../../../src/core/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;
let folder: string;
let options: { location: string; adapt: boolean };
const models: string[] = [];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-kept-"));
  folder = join(root, "images");
  options = { location: join(root, "indexes"), adapt: false };
  mkdirSync(folder);
  models.length = 0;
  for (const [name, letters] of [
    ["one", "S"],
    ["two", "SM"],
  ] as const) {
    const file = join(root, `${name}.onnx`);
    writeFileSync(file, tinyModel(name, letters));
    models.push(file);
  }
  await sharp({ create: { width: 5, height: 5, channels: 3, background: "#123" } })
    .png()
    .toFile(join(folder, "a.png"));
  writeFileSync(join(folder, "b.png"), "no image");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
afterAll(() => pool.release());

async function index(model: string): Promise<void> {
  const opened = await FolderIndex.open(folder, pool, model, options);
  await opened.update();
  await opened.thumbnail(join(folder, "a.png"), 32);
  await opened.close();
}

test("says what lies on disk of each model, and makes nothing", async () => {
  const before = await indexDetails(folder, models[0]!, options);
  expect(before).toMatchObject({ folder, current: null, others: [], skipped: [], bytes: 0 });
  expect(existsSync(options.location)).toBe(false);
  await index(models[0]!);
  await index(models[1]!);
  const { current, others, skipped, bytes, place } = await indexDetails(folder, models[1]!, options);
  expect(current).toMatchObject({ model: "two", rows: 1, skipped: 1, damaged: false });
  expect(others).toEqual([expect.objectContaining({ model: "one", rows: 1, skipped: 1 })]);
  expect(skipped).toEqual([{ path: "b.png", reason: expect.stringContaining("not an image") }]);
  expect(bytes).toBeGreaterThan(current!.bytes + others[0]!.bytes);
  expect(place.startsWith(options.location)).toBe(true);
});

test("removes one index, or everything, and leaves the images and the others alone", async () => {
  await index(models[0]!);
  await index(models[1]!);
  const { others, place } = await indexDetails(folder, models[1]!, options);
  const name = others[0]!.name;
  const print = name.slice(0, 16);
  writeFileSync(join(place, `${print}.projections.sqlite`), "derived");
  mkdirSync(join(place, `${print}.candidates`));
  writeFileSync(join(place, `${print}.candidates`, "a.usearch"), "derived");
  writeFileSync(join(place, `${print}.sqlite.damaged-5`), "put aside");
  await removeIndex(folder, name, options);
  const left = await indexDetails(folder, models[1]!, options);
  expect(left.current).toMatchObject({ model: "two", rows: 1 });
  expect(left.others).toEqual([
    { name: `${print}.sqlite.damaged-5`, model: null, rows: 0, skipped: 0, bytes: 9, damaged: true },
  ]);
  expect(readdirSync(place).filter((file) => file.startsWith(print))).toEqual([`${print}.sqlite.damaged-5`]);
  await removeIndex(folder, undefined, options);
  expect(readdirSync(options.location)).toEqual([]);
  expect(readdirSync(folder)).toEqual(["a.png", "b.png"]);
  await removeIndex(folder, undefined, options);
  await expect(removeIndex(folder, "../../images/a.png", options)).rejects.toThrow(/is not the name of an index/);
});

test("deletes only what is ours, and follows no link", async () => {
  await index(models[0]!);
  const { place } = await indexDetails(folder, models[0]!, options);
  const precious = join(root, "precious");
  mkdirSync(precious);
  for (const name of ["a.usearch", "thumbnails.sqlite", "letter.txt"]) writeFileSync(join(precious, name), "mine");
  const print = "0123456789abcdef";
  symlinkSync(precious, join(place, `${print}.candidates`));
  symlinkSync(join(precious, "letter.txt"), join(place, `${print}.sqlite`));
  mkdirSync(join(place, "fedcba9876543210.candidates"));
  for (const name of ["a.usearch", "notes.txt"]) writeFileSync(join(place, "fedcba9876543210.candidates", name), "x");
  mkdirSync(join(place, "mine"));
  writeFileSync(join(place, "mine", "a.png"), "x");
  writeFileSync(join(place, "readme.txt"), "x");
  await removeIndex(folder, undefined, options);
  expect(readdirSync(place).sort()).toEqual(["fedcba9876543210.candidates", "mine", "readme.txt"]);
  expect(readdirSync(join(place, "fedcba9876543210.candidates"))).toEqual(["notes.txt"]);
  expect(readdirSync(precious).sort()).toEqual(["a.usearch", "letter.txt", "thumbnails.sqlite"]);

  // The folder itself replaced by a link.
  rmSync(place, { recursive: true });
  symlinkSync(precious, place);
  await expect(removeIndex(folder, undefined, options)).rejects.toThrow(/is a link or a file.*Nothing was deleted/);
  expect(readdirSync(precious).sort()).toEqual(["a.usearch", "letter.txt", "thumbnails.sqlite"]);
});

test("what is under way while an index is removed ends with words for people", async () => {
  const opened = await FolderIndex.open(folder, pool, models[0]!, options);
  await opened.update();
  const source = opened.source();
  const rows = source.embeddings()[Symbol.asyncIterator]();
  await rows.next();
  await opened.close();
  await removeIndex(folder, undefined, options);
  const plain = /was closed meanwhile: it was deleted, or another one took its place/;
  await expect(source.paths()).rejects.toThrow(plain);
  await expect(source.record("a.png")).rejects.toThrow(plain);
  await expect(source.version()).rejects.toThrow(plain);
  await expect(opened.health()).rejects.toThrow(plain);
  await expect(rows.next()).rejects.toThrow(plain);
  await expect(opened.update()).rejects.toThrow(plain);
});

test("what a killed adaptation left behind is gone after the next run", async () => {
  await index(models[0]!);
  const { place } = await indexDetails(folder, models[0]!, options);
  const print = "0123456789abcdef";
  for (const name of ["next.onnx", "next.onnx.0a1b2c3d.part", "onnx.0a1b2c3d.part", "sha256.0a1b2c3d.part"]) {
    writeFileSync(join(place, `adapted-${print}.${name}`), "x");
  }
  writeFileSync(join(place, "mine.part"), "x");
  await index(models[0]!);
  expect(readdirSync(place).filter((name) => /^adapted|\.part$/.test(name))).toEqual(["mine.part"]);
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { unzipSync } from "fflate";
import sharp from "sharp";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { askersOf } from "../../../src/core/folder/measureKinds.ts";
import { EmbedderPool, exportVectors, FolderIndex, labelsOf, openEmbedder } from "../../../src/core/index.ts";
import { COMBINED, equalWeights, splitScore } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;
let folder: string;
let index: FolderIndex;
const BRANCHES = ["spoc", "mac", "gem"];

/** Eight kinds of pictures that only their brightest pixel tells: MAC sees it, the mean does not. */
async function draw(kind: number, i: number): Promise<void> {
  mkdirSync(join(folder, `kind ${kind}`), { recursive: true });
  const pixels = Uint8Array.from({ length: 3 * 64 }, (_, j) => (97 * i * (j + 1) + 31 * kind * j) % 140);
  for (const c of [0, 1, 2]) pixels[3 * ((7 * i) % 64) + c] = (kind >> c) & 1 ? 255 : 150;
  const file = join(folder, `kind ${kind}`, `${i}.png`);
  await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
    .png()
    .toFile(file);
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-weights-"));
  folder = join(root, "images");
  const model = join(root, "model.onnx");
  writeFileSync(model, tinyModel("tiny", "SMG"));
  for (let kind = 0; kind < 8; kind++) for (let i = 0; i < 4; i++) await draw(kind, i);
  index = await FolderIndex.open(folder, pool, model, { location: join(root, "indexes"), adapt: false });
});
afterEach(async () => {
  await index.close();
  rmSync(root, { recursive: true, force: true });
});
afterAll(() => pool.release());

const ask = (weights?: Record<string, number>) =>
  index.similar({
    examples: [{ image: join(folder, "kind 0", "0.png"), sign: 1 }],
    k: 10,
    ...(weights === undefined ? {} : { weights }),
  });

test("a new index chooses by its folders, and holds what it chose and why", async () => {
  await index.update();
  const held = await index.weights();
  expect(held).toMatchObject({ images: 32 });
  expect(["names", "equal"]).toContain(held!.from);
  expect(held!.gain).toMatchObject({ chosenOn: 4, measuredOn: 4 });
  expect((await ask()).suggested).toEqual(held);
});

test("what is held is in force where a query names nothing, splits exactly, and gives way to what is asked", async () => {
  await index.update();
  const place = index.source().place;
  const database = new Database(place);
  const text = JSON.stringify({ weights: { spoc: 0.25, mac: 1, gem: 0.5 }, from: "names", images: 32 });
  database.prepare("insert or replace into meta values ('note:weights', ?)").run(text);
  database.close();
  const found = await ask();
  expect(found.weights).toEqual({ spoc: 0.25, mac: 1, gem: 0.5 });
  for (const { path, score } of found.results[COMBINED]!) {
    const parts = splitScore(found.scores[path]!, BRANCHES, found.weights);
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(score, 6);
  }
  expect((await ask({})).weights).toEqual(found.weights);
  expect((await ask(equalWeights(BRANCHES))).weights).toEqual({ spoc: 1, mac: 1, gem: 1 });
  expect((await ask({ mac: 0 })).weights).toEqual({ spoc: 1, mac: 0, gem: 1 });

  // The vectors of an export have these scores as their products.
  const { file, weights } = await exportVectors(index, join(root, "v.npz"));
  expect(weights).toEqual(found.weights);
  const entries = unzipSync(readFileSync(file));
  const bytes = Buffer.from(entries["combined.npy"]!);
  const header = 10 + bytes.readUInt16LE(8);
  const values = new Float32Array(Uint8Array.from(bytes.subarray(header)).buffer);
  const dim = values.length / 32;
  const snapshot = await index.snapshot();
  const row = (path: string) => snapshot.paths.indexOf(path) * dim;
  for (const { path, score } of found.results[COMBINED]!) {
    let dot = 0;
    for (let i = 0; i < dim; i++) dot += values[row("kind 0/0.png") + i]! * values[row(path) + i]!;
    expect(dot).toBeCloseTo(score, 3);
  }
  await snapshot.close();
  const equal = await exportVectors(index, join(root, "equal.npz"), { weights: equalWeights(BRANCHES) });
  expect(equal.weights).toEqual({ spoc: 1, mac: 1, gem: 1 });
});

test("an index of before holds nothing, looks with all alike, and chooses when it is told to", async () => {
  await index.update();
  const database = new Database(index.source().place);
  database.exec("delete from meta where key = 'note:weights'");
  database.close();
  expect(await index.weights()).toBeNull();
  const { suggested, weights } = await ask();
  expect({ suggested, weights }).toEqual({ suggested: null, weights: { spoc: 1, mac: 1, gem: 1 } });
  await index.update();
  expect(await index.weights()).toBeNull();
  await index.suggestWeights({ choice: "gate" }, false);
  expect(await index.weights()).toBeNull();
  expect(await index.suggestWeights({ choice: "gate" }, true)).toMatchObject({ from: "equal", reason: "unlabelled" });
  expect(await index.weights()).toMatchObject({ reason: "unlabelled" });
});

test("a choice is made anew when the folder has doubled, but not where somebody chose", async () => {
  await index.update();
  await index.suggestWeights({ choice: "equal" }, true);
  for (let kind = 0; kind < 8; kind++) for (let i = 4; i < 8; i++) await draw(kind, i);
  await index.update();
  expect(await index.weights()).toMatchObject({ reason: "asked", images: 32 });
  await index.suggestWeights({ choice: "gate" }, true);
  for (let kind = 0; kind < 8; kind++) for (let i = 8; i < 16; i++) await draw(kind, i);
  await index.update();
  expect(await index.weights()).toMatchObject({ images: 128, gain: { chosenOn: 4 } });
});

test("a table of labels chooses instead of folders", async () => {
  await index.update();
  const paths = await index.source().paths();
  const file = join(root, "labels.csv");
  writeFileSync(file, `path,label\n${paths.map((path, i) => `${path},l${i % 2}`).join("\n")}\n`);
  const labels = await labelsOf(paths, folder, { file });
  expect(await index.suggestWeights({ choice: "names", labels }, true)).toMatchObject({ from: "equal", reason: "few" });
});

test("marks are asked for and kept; too few change nothing", async () => {
  await index.update();
  const before = await index.weights();
  const pairs = await index.pairsToMark("kind 0/0.png");
  expect(pairs[0]!.query).toBe("kind 0/0.png");
  expect(new Set(pairs.map(({ query }) => query)).size).toBe(6);
  expect(pairs.length).toBe(30);
  expect(pairs.every(({ query, image }) => query !== image)).toBe(true);
  const few = pairs.slice(0, 10).map((pair) => ({ ...pair, belongs: true }));
  expect(await index.mark(few)).toMatchObject({ from: "equal", reason: "fewMarks" });
  expect(await index.weights()).toEqual(before);
});

test("what keeping kinds together does here is measured on labelled images, by the ranks of the searches themselves", async () => {
  await index.update();
  const paths = await index.source().paths();
  const labels = new Map(paths.map((path) => [path, [path.slice(0, 6)]]));
  const gain = await index.measureKinds(labels);
  expect(gain).toMatchObject({ queries: 24 });
  // The same of each image, by what a search lists with the switch and without.
  const apOf = async (kinds: boolean, path: string) => {
    const only = kinds ? { kinds: true as const } : {};
    const { results } = await index.similar({ examples: [{ image: join(folder, path), sign: 1 }], k: 31, only });
    const hits = results[COMBINED]!.slice(0, 3).map((each) => each.path.slice(0, 6) === path.slice(0, 6));
    return hits.reduce((sum, hit, i) => sum + (hit ? hits.slice(0, i + 1).filter(Boolean).length / (i + 1) : 0), 0) / 3;
  };
  // Classes of four are all within the first four, which stay: there is nothing to gain or lose.
  expect(gain).toMatchObject({ mean: 0, error: 0 });
  const plain = await Promise.all(paths.map((path) => apOf(false, path)));
  expect(Math.abs(gain!.before - plain.reduce((sum, ap) => sum + ap, 0) / paths.length)).toBeLessThan(0.15);
  const halves = new Map(paths.map((path, i) => [path, [`half ${i % 2}`]]));
  expect((await index.measureKinds(halves))!.error).toBeGreaterThan(0);
  expect(await index.measureKinds(new Map([...labels].slice(0, 5)))).toBeNull();
  await expect(index.measureKinds(labels, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
});

test("where each search takes longer fewer images ask, and in a large index too few to tell", () => {
  expect(askersOf(0, 384)).toBe(24);
  expect(askersOf(20_000, 384)).toBe(24);
  expect(askersOf(12_000, 4480)).toBe(11);
  expect(askersOf(1_000_000, 384)).toBeLessThan(8);
});

test("a copy of the index takes its weights and marks along, and leaves what the target has", async () => {
  await index.update();
  await index.suggestWeights({ choice: "equal" }, true);
  await index.mark([{ query: "kind 0/0.png", image: "kind 1/0.png", belongs: false }]);
  const model = join(root, "model.onnx");
  const open = () => FolderIndex.open(folder, pool, model, { location: join(root, "elsewhere"), adapt: false });
  const copy = await open();
  try {
    await copy.copyFrom(join(root, "indexes"));
    expect(await copy.weights()).toEqual(await index.weights());
    await copy.suggestWeights({ choice: "gate" }, true);
    await copy.copyFrom(join(root, "indexes"));
    expect(await copy.weights()).toMatchObject({ reason: "unlabelled" });
  } finally {
    await copy.close();
  }
});

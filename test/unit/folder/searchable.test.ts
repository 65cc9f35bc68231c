import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import sharp from "sharp";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import type { SimilarResult } from "../../../src/shared/index.ts";
import { like } from "../../fixtures/like.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
/** Two branches of three values. */
const IMAGE_BYTES = 2 * 3 * 4;
let root: string;
let folder: string;

afterAll(() => pool.release());
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-searchable-"));
  folder = join(root, "images");
  mkdirSync(join(folder, "sub"), { recursive: true });
  writeFileSync(join(root, "model.onnx"), tinyModel("tiny", "SM"));
  for (let i = 0; i < 40; i++) await draw(`${i % 4 === 0 ? "sub/" : ""}${i}.png`, i);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Colours without two of the same direction. */
async function draw(name: string, i: number): Promise<void> {
  const background = { r: 20 + ((i * 67) % 230), g: 10 + ((i * 101) % 240), b: 5 + ((i * 29) % 250) };
  await sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .png()
    .toFile(join(folder, name));
}

async function withIndex<T>(memory: number | undefined, work: (index: FolderIndex) => Promise<T>): Promise<T> {
  const options = { location: join(root, "indexes"), adapt: false, memory };
  const index = await FolderIndex.open(folder, pool, join(root, "model.onnx"), options);
  try {
    return await work(index);
  } finally {
    await index.close();
  }
}

/** Whether the index has what a search past memory needs. */
function hasRevisions(place: string): boolean {
  const database = new Database(place, { readonly: true });
  const found = database.prepare("select 1 from meta where key = 'epoch'").get() !== undefined;
  database.close();
  return found;
}

function expectSame(found: SimilarResult, expected: SimilarResult): void {
  for (const [column, list] of Object.entries(expected.results)) {
    expect(found.results[column]!.map(({ path }) => path)).toEqual(list.map(({ path }) => path));
    for (const [i, { score }] of list.entries()) expect(found.results[column]![i]!.score).toBeCloseTo(score, 5);
  }
}

test("an index that is larger than its memory gives the lists that one in memory gives", async () => {
  const query = like(join(folder, "5.png"), 7);
  const weighted = { ...query, weights: { spoc: 3, mac: 1 }, only: { folder: "sub" } };
  const ask = async (index: FolderIndex) => [await index.similar(query), await index.similar(weighted)] as const;
  const expected = await withIndex(undefined, async (index) => {
    await index.update();
    const answers = await ask(index);
    expect(hasRevisions((await index.status()).location)).toBe(false);
    return answers;
  });
  await withIndex(39 * IMAGE_BYTES, async (index) => {
    const found = await ask(index);
    for (const i of [0, 1] as const) expectSame(found[i], expected[i]);
    const { indexed, location } = await index.status();
    expect(indexed).toBe(40);
    expect(hasRevisions(location)).toBe(true);
  });
  // What such a search adds to the index is no part of somebody else.
  await withIndex(undefined, async (index) => {
    expect((await index.status()).indexed).toBe(40);
    expectSame(await index.similar(query), expected[0]);
  });
});

test("outgrows its memory while it is indexed, and follows the files afterwards", async () => {
  await withIndex(40 * IMAGE_BYTES, async (index) => {
    await index.update();
    const query = like(join(folder, "5.png"), 50);
    expect((await index.similar(query)).results["combined"]).toHaveLength(39);
    await draw("new.png", 5);
    rmSync(join(folder, "6.png"));
    await draw("more.png", 90);
    await index.update();
    const { results } = await index.similar(query);
    expect(hasRevisions((await index.status()).location)).toBe(true);
    expect(results["combined"]).toHaveLength(40);
    expect(results["combined"]![0]).toMatchObject({ path: "new.png" });
    expect(results["combined"]!.some(({ path }) => path === "6.png")).toBe(false);
  });
});

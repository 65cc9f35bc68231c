import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ASKED_FROM } from "../../../src/core/adaptation/index.ts";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import { like } from "../../fixtures/like.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

// Each index is of 400 images.
vi.setConfig({ testTimeout: 400_000 });

const SIDE = 112;
const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;

/** Numbers that look like chance, the same each time. */
function chance(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Patches of the three colours of a kind of ten images, anywhere. */
const confetti = (i: number) => {
  const kind = chance(Math.floor(i / 10) + 1);
  const colours = Array.from({ length: 3 }, () => [kind() * 255, kind() * 255, kind() * 255]);
  const own = chance(1000 + i);
  const cells = Array.from({ length: 64 }, () => colours[Math.floor(own() * 3)]!);
  return (x: number, y: number, c: number) => cells[Math.floor(y / 14) * 8 + Math.floor(x / 14)]![c]!;
};

/** Stripes that run in directions of their kind, in its two colours, and never begin at the same place. */
const stripes = (i: number) => {
  const kind = chance(Math.floor(i / 10) + 500);
  const [light, dark] = [0, 1].map((part) => [0, 1, 2].map(() => 120 * part + kind() * 120)) as [number[], number[]];
  const turns = Array.from({ length: 16 }, () => kind() * Math.PI);
  const shift = chance(3000 + i)() * 9;
  return (x: number, y: number, c: number) => {
    const turn = turns[Math.floor(y / 28) * 4 + Math.floor(x / 28)]!;
    return (Math.sin((x * Math.cos(turn) + y * Math.sin(turn) + shift) / 2) > 0 ? light : dark)[c]!;
  };
};

/** Of no kind. */
const speckled = (i: number) => {
  const own = chance(5000 + i);
  const pixels = Float64Array.from({ length: SIDE * SIDE * 3 }, () => own() * 255);
  return (x: number, y: number, c: number) => pixels[3 * (y * SIDE + x) + c]!;
};

async function folderOf(name: string, picture: typeof confetti, count = ASKED_FROM): Promise<string> {
  const folder = join(root, name, "images");
  if (existsSync(folder)) return folder;
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const colour = picture(i);
    // Half as large is as good, and drawn in a quarter of the time.
    const half = SIDE / 2;
    const pixels = Uint8Array.from({ length: half * half * 3 }, (_, j) => {
      const at = Math.floor(j / 3);
      return colour(2 * (at % half), 2 * Math.floor(at / half), j % 3);
    });
    await sharp(pixels, { raw: { width: half, height: half, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toFile(join(folder, `${i}.png`));
  }
  return folder;
}

async function withIndex<T>(folder: string, letters: string, side: number, work: (index: FolderIndex) => Promise<T>) {
  const file = join(folder, "..", String(side), "tiny.onnx");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, tinyModel("tiny", letters, side));
  const index = await FolderIndex.open(folder, pool, file, { location: join(folder, "..", "indexes") });
  try {
    return await work(index);
  } finally {
    await index.close();
  }
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-handcrafted-"));
});
afterAll(async () => {
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

test("colours that tell kinds apart join: told, weighed, searched, explained, asked again, and left out where that is said", async () => {
  const folder = await folderOf("confetti", confetti);
  await withIndex(folder, "SM", SIDE, async (index) => {
    const summary = await index.update({ handcrafted: true });
    expect(summary.adaptation).toEqual({ images: ASKED_FROM, handcrafted: ["lab"] });
    const branches = ["spoc", "mac", "lab"];
    expect(summary.model).toMatchObject({ name: "tiny+adapted", descriptors: branches });
    // A fifth of the whole.
    const weights = { spoc: 1, mac: 1, lab: 0.5 };
    expect(await index.suggestWeights({ choice: "gate" }, true)).toMatchObject({ from: "gate", weights });
    const query = join(folder, "3.png");
    const { results, scores } = await index.similar(like(query, 5));
    const best = results["combined"]![0]!;
    const parts = branches.map((name) => scores[best.path]![name]!);
    expect(best.score).toBeCloseTo((parts[0]! + parts[1]! + 0.5 * parts[2]!) / 2.5, 5);
    const explained = await index.explain({ query, result: join(folder, best.path) });
    expect(explained.unexplained).toEqual([]);
    const why = explained.branches.find(({ name }) => name === "lab")!;
    expect(why.score).toBeCloseTo(parts[2]!, 4);
    for (const { width, height, map, constant } of [why.query, why.result]) {
      expect([width, height]).toEqual([7, 7]);
      expect(map.reduce((sum, part) => sum + part, constant)).toBeCloseTo(why.score, 3);
    }
    // What has joined is asked again by the next adaptation.
    expect((await index.update({ refit: true })).adaptation).toMatchObject({ handcrafted: ["lab"] });
    expect((await index.update({ rebuild: true, handcrafted: false })).model.descriptors).toEqual(["spoc", "mac"]);
  });
});

test("edges that tell kinds apart join, and what each cell adds to the score is exact", async () => {
  const folder = await folderOf("stripes", stripes);
  await withIndex(folder, "SM", SIDE, async (index) => {
    const { adaptation } = await index.update({ handcrafted: true });
    expect((adaptation as { handcrafted?: readonly string[] }).handcrafted).toContain("hog");
    const { branches } = await index.explain({ query: join(folder, "3.png"), result: join(folder, "4.png") });
    const why = branches.find(({ name }) => name === "hog")!;
    expect(why).toMatchObject({ exact: true, query: { width: 7, height: 7 } });
    expect(why.query.map.reduce((sum, part) => sum + part, why.query.constant)).toBeCloseTo(why.score, 3);
  });
});

test("where the images speak for none the model is what it is where none was asked, bit for bit; so it is of another size, and of few", async () => {
  const print = async (folder: string, side: number, handcrafted: boolean) =>
    withIndex(folder, "SM", side, async (index) => (await index.update({ rebuild: true, handcrafted })).model);
  const noise = await folderOf("noise", speckled);
  for (const [folder, side] of [
    [noise, SIDE],
    [await folderOf("confetti", confetti), 4],
    [await folderOf("few", confetti, 40), SIDE],
  ] as const) {
    expect(await print(folder, side, true)).toEqual(await print(folder, side, false));
  }
});

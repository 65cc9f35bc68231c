import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import { like } from "../../fixtures/like.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const IMAGES = 30;
const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;
let model: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-moment-"));
  model = join(root, "tiny.onnx");
  writeFileSync(model, tinyModel("tiny", "SM"));
});
afterAll(async () => {
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

/** Pictures of colours of their own; `nameOf` may put each into a folder. */
async function drawn(name: string, from: number, to: number, nameOf = (i: number) => `${i}.png`): Promise<string> {
  const folder = join(root, name);
  for (let i = from; i < to; i++) {
    const pixels = Uint8Array.from({ length: 48 }, (_, j) => ((37 * i + 5) * (j + 3) + (i * j * j) / 7) % 256);
    const file = join(folder, nameOf(i));
    mkdirSync(join(file, ".."), { recursive: true });
    await sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } })
      .png()
      .toFile(file);
  }
  return folder;
}

const opened = (folder: string, location: string) => FolderIndex.open(folder, pool, model, { location });

function adaptedBytes(location: string): Buffer {
  const files = readdirSync(location, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".onnx"));
  expect(files).toHaveLength(1);
  return readFileSync(join(location, files[0]!));
}

test("cancelled at any moment, the next run comes to what it would have been, bit for bit", async () => {
  const folder = await drawn("cancelled", 0, IMAGES);
  const whole = join(root, "whole");
  const first = await opened(folder, whole);
  let moments = 0;
  await first.update({ onProgress: () => void moments++ });
  const wanted = await first.similar(like(join(folder, "3.png"), 6));
  await first.close();
  expect(moments).toBeGreaterThan(IMAGES);
  for (let moment = 1; moment <= moments; moment += 8) {
    const location = join(root, `cancelled at ${moment}`);
    const index = await opened(folder, location);
    const abort = new AbortController();
    let seen = 0;
    const run = index.update({ signal: abort.signal, onProgress: () => ++seen === moment && abort.abort() });
    // Of the last moments nothing is left to be cancelled.
    await run.catch((error: unknown) => expect(String(error)).toMatch(/abort/i));
    expect((await index.update()).unchanged + (await index.status()).indexed).toBeGreaterThanOrEqual(IMAGES);
    expect((await index.similar(like(join(folder, "3.png"), 6))).scores, `at ${moment}`).toEqual(wanted.scores);
    await index.close();
    expect(adaptedBytes(location).equals(adaptedBytes(whole)), `at ${moment}`).toBe(true);
  }
}, 180_000);

test("24 images of 24 kinds: the model is adapted, and labels that tell nothing choose no weights", async () => {
  const folder = await drawn("kinds", 0, 24, (i) => `kind ${i}/one.png`);
  const index = await opened(folder, join(root, "kinds index"));
  expect((await index.update()).adaptation).toEqual({ images: 24 });
  const { weights, from, reason } = await index.suggestWeights({ choice: "names" }, false);
  expect({ weights, from, reason }).toEqual({ weights: { spoc: 1, mac: 1 }, from: "equal", reason: "few" });
  const { results } = await index.similar(like(join(folder, "kind 5/one.png"), 5));
  expect(results["combined"]).toHaveLength(5);
  await index.close();
});

test("queries while the heads are swapped are answered, each by one model throughout", async () => {
  const folder = await drawn("swapped", 0, IMAGES);
  const index = await opened(folder, join(root, "swapped index"));
  await index.update();
  await drawn("swapped", IMAGES, 3 * IMAGES);
  const before = (await index.status()).model.fingerprint;
  const query = like(join(folder, "7.png"), 4);
  let over = false;
  const run = index.update().finally(() => {
    over = true;
  });
  const seen = new Map<string, Set<string>>();
  while (!over) {
    const { model: used, results, scores } = await index.similar(query);
    const best = results["combined"]![0]!;
    const own = scores[best.path]!;
    // The parts make the whole: no list is of the one model and a list beside it of the other.
    expect((own["spoc"]! + own["mac"]!) / 2).toBeCloseTo(best.score, 5);
    seen.set(used.fingerprint, (seen.get(used.fingerprint) ?? new Set()).add(best.path));
  }
  await run;
  const after = (await index.status()).model.fingerprint;
  expect(after).not.toBe(before);
  expect(seen.has(before)).toBe(true);
  expect([...seen.keys()].every((fingerprint) => fingerprint === before || fingerprint === after)).toBe(true);
  expect((await index.similar(query)).model.fingerprint).toBe(after);
  await index.close();
});

/** A folder that has outgrown what its model was adapted to. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
let root: string;
let folder: string;
let index: FolderIndex;

/** Pictures that are all different. */
async function draw(from: number, to: number, into = folder): Promise<void> {
  for (let i = from; i < to; i++) {
    const pixels = createHash("sha512").update(String(i)).digest().subarray(0, 48);
    await sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } })
      .png()
      .toFile(join(into, `${i}.png`));
  }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-outgrown-"));
  folder = join(root, "images");
  mkdirSync(folder);
  const model = join(root, "model.onnx");
  writeFileSync(model, tinyModel("tiny", "SG"));
  await draw(0, 70);
  // What cannot be decoded counts on neither side.
  for (let i = 0; i < 9; i++) writeFileSync(join(folder, `damaged ${i}.png`), `no picture ${i}`);
  index = await FolderIndex.open(folder, pool, model, { location: join(root, "indexes") });
});
afterAll(async () => {
  await index.close();
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

test("the model is adapted anew when the folder has doubled, once, and what was chosen stays in force", async () => {
  expect(await index.update()).toMatchObject({ indexed: 70 });
  const first = (await index.status()).model.fingerprint;
  expect(index.manifest.training).toMatchObject({ images: 70 });
  await index.suggestWeights({ choice: "equal" }, true);

  await draw(70, 139);
  expect(await index.update()).toMatchObject({ indexed: 69, unchanged: 70 });
  expect((await index.status()).model.fingerprint).toBe(first);

  await draw(139, 140);
  expect(await index.update()).toMatchObject({ indexed: 140, unchanged: 0 });
  const second = (await index.status()).model.fingerprint;
  expect(second).not.toBe(first);
  expect(index.manifest.training).toMatchObject({ images: 140 });
  expect(await index.weights()).toMatchObject({ reason: "asked" });

  expect(await index.update()).toMatchObject({ indexed: 0, unchanged: 140 });
  expect((await index.status()).model.fingerprint).toBe(second);
});

test("asked for, it is adapted to more images than the first time", async () => {
  const many = join(root, "many");
  mkdirSync(many);
  await draw(0, 810, many);
  const model = join(root, "single.onnx");
  writeFileSync(model, tinyModel("tiny", "S"));
  const large = await FolderIndex.open(many, pool, model, { location: join(root, "large") });
  try {
    expect(await large.update({ refit: true })).toMatchObject({ indexed: 810, adaptation: { images: 810 } });
    expect(await large.update()).toMatchObject({ unchanged: 810, adaptation: { images: 810 } });
  } finally {
    await large.close();
  }
}, 180_000);

test("where it is cancelled the old index goes on, and the next run ends what was begun", async () => {
  await draw(140, 280);
  const before = (await index.status()).model.fingerprint;
  const abort = new AbortController();
  const onProgress = ({ phase, done }: { phase: string; done: number }) => {
    if (phase === "adapting" && done > 20) abort.abort(new Error("stop"));
  };
  await expect(index.update({ signal: abort.signal, onProgress })).rejects.toThrow();
  expect(await index.status()).toMatchObject({ indexed: 140, model: { fingerprint: before } });
  expect(await index.update()).toMatchObject({ unchanged: 0 });
  expect(await index.status()).toMatchObject({ indexed: 280 });
  expect(index.manifest.training).toMatchObject({ images: 280 });
});

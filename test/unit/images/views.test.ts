import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeForModel, decodeViews } from "../../../src/core/images/index.ts";
import type { InputSpec } from "../../../src/shared/index.ts";

const INPUT: InputSpec = { width: 32, height: 24, resize: "squash", background: [255, 255, 255] };
const BYTES = 32 * 24 * 3;
const root = mkdtempSync(join(tmpdir(), "lookalike-views-"));
const picture = join(root, "picture.png");

beforeAll(async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="150" height="200" fill="#c33"/><circle cx="220" cy="90" r="50" fill="#36c"/></svg>`;
  await sharp(Buffer.from(svg)).png().toFile(picture);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const views = (file: string, count: number, seed = 1) => decodeViews(file, INPUT, count, xoroshiro128plus(seed));
const difference = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, x, i) => sum + Math.abs(x - b[i]!), 0) / a.length;

test("the picture as it is comes first, as indexing decodes it; views of it are others, and the same for the same seed", async () => {
  const all = await views(picture, 4);
  expect(all.map((view) => view.length)).toEqual(Array(5).fill(BYTES));
  const { pixels } = await decodeForModel(picture, INPUT);
  expect(difference(all[0]!, pixels)).toBeLessThan(2);
  for (const [i, view] of all.entries()) {
    for (const other of all.slice(i + 1)) expect(difference(view, other)).toBeGreaterThan(2);
  }
  expect(await views(picture, 4)).toEqual(all);
  const [, first] = await views(picture, 1, 2);
  expect(difference(first!, all[1]!)).toBeGreaterThan(2);
});

test("one pixel, a long strip, grey and transparent pictures have views too", async () => {
  const files = { "pixel.png": [1, 1, 3], "strip.png": [600, 2, 3], "clear.png": [40, 40, 4] } as const;
  for (const [name, [width, height, channels]] of Object.entries(files)) {
    const background = { r: 200, g: 40, b: 90, alpha: 0.5 };
    await sharp({ create: { width, height, channels, background } }).png().toFile(join(root, name));
    expect((await views(join(root, name), 3)).map((view) => view.length)).toEqual(Array(4).fill(BYTES));
  }
  await sharp(picture).greyscale().jpeg().toFile(join(root, "grey.jpg"));
  expect(await views(join(root, "grey.jpg"), 3)).toHaveLength(4);
});

test("a file that is no image is an error with the reason", async () => {
  writeFileSync(join(root, "text.jpg"), "no image");
  await expect(views(join(root, "text.jpg"), 2)).rejects.toThrow(/not an image/);
  await expect(views(join(root, "nowhere.jpg"), 2)).rejects.toThrow(/the file is gone/);
});

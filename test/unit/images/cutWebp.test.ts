import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodePicture } from "../../../src/core/images/index.ts";
import { withImage } from "../../../src/core/images/open.ts";

const WIDTH = 200;
const HEIGHT = 160;
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-cut-webp-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Soft colours and noise, so that each row takes its share of the bytes. */
const pixels = Buffer.from(
  Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => 90 + ((i * 7919) % 61) + (Math.floor(i / (3 * WIDTH)) % 80)),
);
const picture = () => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
const opened = (bytes: Buffer) =>
  withImage(bytes, 64, async ({ image, width, height }) => {
    const data = await image.clone().ensureAlpha().raw({ depth: "uchar" }).toBuffer();
    return { width, height, data };
  });
/** Rows from the top on that are seen. */
const rowsOf = (rgba: Buffer) => {
  let rows = 0;
  while (rows < HEIGHT && rgba[4 * WIDTH * rows + 3]! > 0) rows++;
  return rows;
};

test("of a WebP whose end is missing the rows that are known are shown, as they are in the whole one, and it is read in part", async () => {
  const whole = await picture().webp({ quality: 80 }).toBuffer();
  const { data: known } = (await opened(whole)).result;
  let before = 0;
  for (const part of [0.4, 0.7, 0.95]) {
    const { result, partial } = await opened(whole.subarray(0, Math.floor(part * whole.length)));
    expect(partial).toBe(true);
    expect({ width: result.width, height: result.height }).toEqual({ width: WIDTH, height: HEIGHT });
    const rows = rowsOf(result.data);
    expect(rows).toBeGreaterThan(before);
    expect(rows).toBeLessThan(HEIGHT);
    expect(result.data.subarray(0, 4 * WIDTH * rows).equals(known.subarray(0, 4 * WIDTH * rows))).toBe(true);
    expect(result.data.subarray(4 * WIDTH * rows).every((v) => v === 0)).toBe(true);
    before = rows;
  }
  expect((await opened(whole)).partial).toBe(false);
});

test("of an animation whose end is missing the first frame is whole", async () => {
  const frames = Buffer.concat([pixels, Buffer.from(pixels.map((v) => 255 - v)), pixels]);
  const raw = { width: WIDTH, height: 3 * HEIGHT, channels: 3, pageHeight: HEIGHT } as const;
  const whole = await sharp(frames, { raw })
    .webp({ quality: 80, delay: [90, 90, 90] })
    .toBuffer();
  const { data } = (await opened(whole)).result;
  const { result, partial } = await opened(whole.subarray(0, Math.floor(0.8 * whole.length)));
  expect(partial).toBe(true);
  expect(result.data.equals(data)).toBe(true);
});

test("what shows nothing any more, or says that next to all of it is missing, is damaged", async () => {
  const whole = await picture().webp({ quality: 80 }).toBuffer();
  const lossless = await picture().webp({ lossless: true }).toBuffer();
  const lies = Buffer.from(whole);
  lies.writeUInt32LE(0xf000_0000, 16);
  const half = lossless.subarray(0, lossless.length >> 1);
  for (const bytes of [whole.subarray(0, 60), whole.subarray(0, 15), half, lies]) {
    const file = join(root, "cut.webp");
    writeFileSync(file, bytes);
    await expect(decodePicture(file, 64)).rejects.toThrow(/^damaged: /);
  }
});

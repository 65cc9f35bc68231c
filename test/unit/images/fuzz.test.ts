/** Damaged images: none may end the process, and each is decoded or refused with a reason. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { trialDecode } from "../../../src/core/images/index.ts";
import { slowDrawing } from "../../fixtures/slowDrawing.ts";

const FILES = 2000;
const BATCH = 50;

const FORMATS: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  jpg: (image) => image.jpeg(),
  "progressive.jpg": (image) => image.jpeg({ progressive: true }),
  png: (image) => image.png(),
  "palette.png": (image) => image.png({ palette: true }),
  webp: (image) => image.webp(),
  "lossless.webp": (image) => image.webp({ lossless: true }),
  gif: (image) => image.gif(),
  tiff: (image) => image.tiff({ compression: "lzw" }),
  "tiled.tiff": (image) => image.tiff({ tile: true, tileWidth: 16, tileHeight: 16, compression: "jpeg" }),
  avif: (image) => image.avif({ effort: 0 }),
};

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-fuzz-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Whole numbers from 0 to below `n`. */
const below = (random: RandomGenerator, n: number) => (random.next() >>> 0) % n;

function damage(whole: Buffer, random: RandomGenerator): Buffer {
  const bytes = Buffer.from(whole);
  const kind = below(random, 4);
  if (kind === 0) return bytes.subarray(0, below(random, bytes.length));
  // Flips anywhere, or in the header, where sizes and counts are; or a stretch that is overwritten.
  const reach = kind === 1 ? bytes.length : Math.min(96, bytes.length);
  if (kind < 3) for (let n = 1 + below(random, 12); n > 0; n--) bytes[below(random, reach)]! ^= 1 << below(random, 8);
  else bytes.fill(below(random, 256), below(random, reach), below(random, reach) + 1 + below(random, 8));
  return bytes;
}

test(`${FILES} damaged images: nothing ends the process, all else has a reason in plain words`, async () => {
  const random = xoroshiro128plus(2026);
  const noise = Buffer.from(Array.from({ length: 48 * 40 * 3 }, () => random.next() & 255));
  const whole = await Promise.all(
    Object.entries(FORMATS).map(async ([ending, encode]) => {
      const image = sharp(noise, { raw: { width: 48, height: 40, channels: 3 } });
      return { ending, bytes: await encode(image.blur(2)).toBuffer() };
    }),
  );
  const child = fork(join(import.meta.dirname, "fuzzChild.ts"), [], { execArgv: [] });
  const died = once(child, "exit").then(([code, signal]) => `ended with ${signal ?? code}`);
  let refused = 0;
  for (let done = 0; done < FILES; done += BATCH) {
    const files = Array.from({ length: BATCH }, (_, i) => {
      const { ending, bytes } = whole[(done + i) % whole.length]!;
      const file = join(root, `${done + i}.${ending}`);
      writeFileSync(file, damage(bytes, random));
      return file;
    });
    child.send(files);
    const answer = await Promise.race([once(child, "message"), died]);
    if (typeof answer === "string") throw new Error(`${answer} at one of ${files.join(", ")}`);
    const reasons = answer[0] as (string | null)[];
    expect(reasons).toHaveLength(BATCH);
    for (const reason of reasons) expect(reason ?? "").not.toMatch(/^no reason/);
    refused += reasons.filter((reason) => reason !== null).length;
    for (const file of files) rmSync(file);
  }
  child.kill();
  // Both happen, or the damage is none, or all there is.
  expect(refused).toBeGreaterThan(FILES / 4);
  expect(refused).toBeLessThan(FILES);
}, 300_000);

test("a trial says which files end the process that decodes them, and goes on with the next", async () => {
  const good = join(root, "good.png");
  await sharp({ create: { width: 5, height: 5, channels: 3, background: "#123" } })
    .png()
    .toFile(good);
  const broken = join(root, "broken.png");
  writeFileSync(broken, "no image");
  const endless = join(root, "endless.svg");
  writeFileSync(endless, slowDrawing(20_000));
  const ends = await trialDecode([good, endless, broken, good], { width: 512, height: 512 }, 3000);
  expect(ends).toEqual([null, "it does not come to an end", null, null]);
});

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { decodeForModel } from "../../../src/core/images/index.ts";
import type { InputSpec } from "../../../src/shared/index.ts";

const INPUT: InputSpec = { width: 8, height: 8, resize: "squash", background: [255, 255, 255] };
const root = mkdtempSync(join(tmpdir(), "lookalike-decode-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(root, name), bytes);
  return join(root, name);
}

/** Red on the left, blue on the right. */
function twoColours(width = 64, height = 32) {
  const right = { create: { width: width / 2, height, channels: 3 as const, background: "#00f" } };
  return sharp({ create: { width, height, channels: 3, background: "#f00" } }).composite([
    { input: right, left: width / 2, top: 0 },
  ]);
}

/** Mean colour of the left half. */
function left(pixels: Uint8Array): number[] {
  const sums = [0, 0, 0];
  for (let i = 0; i < pixels.length; i++) if (Math.floor(i / 3) % 8 < 4) sums[i % 3]! += pixels[i]! / 32;
  return sums.map(Math.round);
}

const isRed = ([r, g, b]: number[]) => r! > 180 && g! < 80 && b! < 80;

test.each([
  ["16-bit PNG", "deep.png", () => twoColours().toColourspace("rgb16").png().toBuffer()],
  ["CMYK JPEG", "print.jpg", () => twoColours().toColourspace("cmyk").jpeg().toBuffer()],
  ["palette PNG", "palette.png", () => twoColours().png({ palette: true }).toBuffer()],
  ["TIFF", "scan.tiff", () => twoColours().tiff().toBuffer()],
  ["AVIF", "photo.avif", () => twoColours().avif({ effort: 0 }).toBuffer()],
])("a %s gives its colours", async (_, name, make) => {
  const { pixels, width, height } = await decodeForModel(file(name, await make()), INPUT);
  expect(isRed(left(pixels))).toBe(true);
  expect([width, height]).toEqual([64, 32]);
});

test.each(["gif", "webp"] as const)("of an animated %s the first frame is taken", async (format) => {
  const frames = await Promise.all(
    ["#f00", "#0f0", "#00f"].map((background) =>
      sharp({ create: { width: 20, height: 20, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const animation = await sharp(frames, { join: { animated: true } })
    .toFormat(format, { delay: [50, 50, 50] })
    .toBuffer();
  const { pixels, height } = await decodeForModel(file(`animated.${format}`, animation), INPUT);
  expect(isRed(left(pixels))).toBe(true);
  expect(height).toBe(20);
});

test("EXIF orientation is applied, and a transparent picture lies on white", async () => {
  // Turned by a quarter: what is on the left in the file is on top for a viewer.
  const turned = await twoColours().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const { pixels, width, height } = await decodeForModel(file("turned.jpg", turned), INPUT);
  expect([width, height]).toEqual([32, 64]);
  expect(pixels[0]).toBeGreaterThan(180);
  expect(pixels.at(-1)).toBeGreaterThan(180);
  const clear = await sharp({ create: { width: 9, height: 9, channels: 4, background: "#0000" } })
    .png()
    .toBuffer();
  expect(left((await decodeForModel(file("clear.png", clear), INPUT)).pixels)).toEqual([255, 255, 255]);
});

/** A PNG whose header tells of more pixels than it has. */
function pngOfSize(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(body.length + 8);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc(body), body.length + 4);
    return frame;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc(100))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** CRC-32 of PNG (ISO 3309). */
function crc(bytes: Buffer): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let k = 0; k < 8; k++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

test("what cannot be decoded is an error with the reason", async () => {
  const jpeg = await twoColours(600, 400).jpeg().toBuffer();
  const bad: [string, Uint8Array | string, RegExp][] = [
    ["truncated.jpg", jpeg.subarray(0, 150), /^damaged: /],
    ["text.jpg", "this is a text file", /^not an image/],
    ["empty.png", "", /^the file is empty/],
    ["huge.png", pngOfSize(20_000, 20_000), /^too large: more than 268 megapixels/],
  ];
  for (const [name, bytes, reason] of bad) {
    await expect(decodeForModel(file(name, bytes), INPUT), name).rejects.toThrow(reason);
  }
  await expect(decodeForModel(root, INPUT)).rejects.toThrow(/cannot be read/);
});

test.skipIf(process.getuid?.() === 0)(
  "a file without permission says so (skipped as root, who may read all)",
  async () => {
    const locked = file("locked.png", await twoColours().png().toBuffer());
    chmodSync(locked, 0);
    await expect(decodeForModel(locked, INPUT)).rejects.toThrow(/no permission/);
    chmodSync(locked, 0o600);
    expect(readFileSync(locked).length).toBeGreaterThan(0);
  },
);

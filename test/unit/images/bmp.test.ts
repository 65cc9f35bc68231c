import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { decodeForModel } from "../../../src/core/images/index.ts";
import type { InputSpec } from "../../../src/shared/index.ts";

const root = mkdtempSync(join(tmpdir(), "lookalike-bmp-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const [WIDTH, HEIGHT] = [7, 5];
const INPUT: InputSpec = { width: WIDTH, height: HEIGHT, resize: "squash", background: [255, 255, 255] };
/** Sixteen colours, and which of them each pixel has. */
const PALETTE = Array.from({ length: 16 }, (_, i) => [i * 16, 255 - i * 16, (i * 80) % 256] as const);
const index = (x: number, y: number) => (x * 3 + y * 5) % 16;
const RIGHT = Array.from(
  { length: WIDTH * HEIGHT },
  (_, i) => PALETTE[index(i % WIDTH, Math.floor(i / WIDTH))]!,
).flat();

interface Parts {
  readonly bits: number;
  readonly compression?: number;
  readonly masks?: readonly number[];
  readonly topDown?: boolean;
  /** Bytes of the pixels, from the row that is first in the file. */
  readonly body: (rows: readonly number[]) => Buffer;
  readonly header?: 12 | 40;
}

function bmpOf({ bits, compression = 0, masks = [], topDown = false, body, header = 40 }: Parts): Buffer {
  const palette = bits > 8 ? [] : Array.from({ length: 2 ** bits }, (_, i) => PALETTE[i] ?? [0, 0, 0]);
  const colours = Buffer.from(palette.flatMap(([r, g, b]) => (header === 12 ? [b, g, r] : [b, g, r, 0])));
  const rows = Array.from({ length: HEIGHT }, (_, i) => (topDown ? i : HEIGHT - 1 - i));
  const head = Buffer.alloc(14 + header + 4 * masks.length);
  const start = head.length + colours.length;
  head.write("BM");
  head.writeUInt32LE(start, 10);
  head.writeUInt32LE(header, 14);
  if (header === 12) {
    for (const [i, value] of [WIDTH, HEIGHT, 1, bits].entries()) head.writeUInt16LE(value, 18 + 2 * i);
  } else {
    head.writeInt32LE(WIDTH, 18);
    head.writeInt32LE(topDown ? -HEIGHT : HEIGHT, 22);
    head.writeUInt16LE(1, 26);
    head.writeUInt16LE(bits, 28);
    head.writeUInt32LE(compression, 30);
  }
  for (const [i, mask] of masks.entries()) head.writeUInt32LE(mask, 54 + 4 * i);
  return Buffer.concat([head, colours, body(rows)]);
}

/** Rows of pixels of some bits each, padded to four bytes. */
function packed(bits: number, value: (x: number, y: number) => number): Parts["body"] {
  return (rows) =>
    Buffer.concat(
      rows.map((y) => {
        const row = Buffer.alloc(Math.floor((WIDTH * bits + 31) / 32) * 4);
        for (let x = 0; x < WIDTH; x++) {
          if (bits === 4) row[x >> 1] = row[x >> 1]! | (value(x, y) << (x % 2 === 0 ? 4 : 0));
          else row.writeUIntLE(value(x, y), (x * bits) / 8, bits / 8);
        }
        return row;
      }),
    );
}

const rgb = (x: number, y: number) => PALETTE[index(x, y)]!;
const word = (x: number, y: number) => rgb(x, y).reduce((sum, value, c) => sum + value * 256 ** (2 - c), 0);
const runs = (rows: readonly number[]) =>
  Buffer.from([
    ...rows.flatMap((y) => [...Array.from({ length: WIDTH }, (_, x) => [1, index(x, y)]).flat(), 0, 0]),
    0,
    1,
  ]);
const literal = (rows: readonly number[]) =>
  Buffer.from([
    ...rows.flatMap((y) => [0, WIDTH, ...Array.from({ length: WIDTH }, (_, x) => index(x, y)), 0, 0, 0]),
    0,
    1,
  ]);
const nibbles = (rows: readonly number[]) =>
  Buffer.from([
    ...rows.flatMap((y) => [...Array.from({ length: WIDTH }, (_, x) => [1, index(x, y) << 4]).flat(), 0, 0]),
    0,
    1,
  ]);

const KINDS: Readonly<Record<string, Parts>> = {
  "24 bits": { bits: 24, body: packed(24, word) },
  "24 bits, from the top": { bits: 24, body: packed(24, word), topDown: true },
  "32 bits": { bits: 32, body: packed(32, word) },
  "32 bits with masks": {
    bits: 32,
    compression: 3,
    masks: [0xff, 0xff00, 0xff0000],
    body: packed(32, (x, y) => rgb(x, y).reduce((sum, value, c) => sum + value * 256 ** c, 0)),
  },
  "8 bits": { bits: 8, body: packed(8, index) },
  "8 bits, OS/2": { bits: 8, body: packed(8, index), header: 12 },
  "4 bits": { bits: 4, body: packed(4, index) },
  "runs of 8 bits": { bits: 8, compression: 1, body: runs },
  "literal runs of 8 bits": { bits: 8, compression: 1, body: literal },
  "runs of 4 bits": { bits: 4, compression: 2, body: nibbles },
};

async function decoded(bytes: Buffer) {
  const path = join(root, "picture.bmp");
  writeFileSync(path, bytes);
  return decodeForModel(path, INPUT);
}

test.each(Object.entries(KINDS))("%s", async (_, parts) => {
  expect(await decoded(bmpOf(parts))).toMatchObject({
    pixels: Buffer.from(RIGHT),
    width: WIDTH,
    height: HEIGHT,
    partial: false,
  });
});

test("16 bits have five bits of each colour", async () => {
  const five = (value: number) => value >> 3;
  const body = packed(16, (x, y) => rgb(x, y).reduce((sum, value, c) => sum + five(value) * 32 ** (2 - c), 0));
  const { pixels } = await decoded(bmpOf({ bits: 16, body }));
  expect([...pixels]).toEqual(RIGHT.map((value) => Math.round((five(value) * 255) / 31)));
});

test("pixels that are said to begin where the colours do, begin after them", async () => {
  const body = packed(4, index);
  for (const header of [12, 40] as const) {
    const bytes = bmpOf({ bits: 4, body, header });
    bytes.writeUInt32LE(14 + header, 10);
    expect((await decoded(bytes)).pixels, String(header)).toEqual(Buffer.from(RIGHT));
  }
  // A palette of fewer colours than there could be.
  const few = bmpOf({ bits: 4, body: packed(4, (x, y) => index(x, y) % 8) });
  const short = Buffer.concat([few.subarray(0, 54 + 8 * 4), few.subarray(54 + 16 * 4)]);
  short.writeUInt32LE(54, 10);
  short.writeUInt32LE(8, 46);
  expect((await decoded(short)).pixels).toEqual((await decoded(few)).pixels);
});

test("one that ends too early is read in part, from the bottom; one that is too large is refused", async () => {
  const whole = bmpOf(KINDS["24 bits"]!);
  const { pixels, partial } = await decoded(whole.subarray(0, 54 + 2 * 24));
  expect(partial).toBe(true);
  expect([...pixels.subarray(3 * WIDTH * 3)]).toEqual(RIGHT.slice(3 * WIDTH * 3));
  whole.writeInt32LE(1_000_000, 18);
  await expect(decoded(whole)).rejects.toThrow("damaged: a BMP without pixels");
  whole.writeInt32LE(1_000_000, 22);
  await expect(decoded(whole)).rejects.toThrow("too large");
});

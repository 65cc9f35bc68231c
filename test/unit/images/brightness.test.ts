/** Pictures whose values are not brightness of 8 bits: what comes out is compared with their own values, scaled in float64. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { decodeForModel, makeThumbnail } from "../../../src/core/images/index.ts";
import type { InputSpec } from "../../../src/shared/index.ts";
import { samplesOf, type TiffPicture, tiffOf } from "../../fixtures/tiffOf.ts";

const SIDE = 64;
const INPUT: InputSpec = { width: SIDE, height: SIDE, resize: "squash", background: [255, 255, 255] };
const root = mkdtempSync(join(tmpdir(), "lookalike-brightness-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Value = (x: number, y: number, band: number) => number;

interface Kind {
  readonly type: Parameters<typeof samplesOf>[0];
  readonly bits: number;
  readonly format: number;
  readonly bands?: number;
  readonly photometric?: number;
  readonly extra?: readonly number[];
  readonly noData?: number;
  readonly value: Value;
  /** What is to be seen, 0..1. */
  readonly seen: Value;
}

const grey: Value = (x) => x / (SIDE - 1);

async function decoded(bytes: Buffer, name = "picture.tif"): Promise<Uint8Array> {
  const path = join(root, name);
  writeFileSync(path, bytes);
  return (await decodeForModel(path, INPUT)).pixels;
}

function expectSeen(pixels: Uint8Array, seen: Value): void {
  let worst = 0;
  for (let i = 0; i < pixels.length; i++) {
    const pixel = Math.floor(i / 3);
    const right = 255 * Math.min(1, Math.max(0, seen(pixel % SIDE, Math.floor(pixel / SIDE), i % 3)));
    worst = Math.max(worst, Math.abs(pixels[i]! - right));
  }
  expect(worst).toBeLessThanOrEqual(2);
}

/** Of two places side by side as different as of any two. 0..1. */
const anyOf = (x: number, y: number) => Math.abs(Math.sin(x * 12.9898 + y * 78.233) * 43758.5453) % 1;

const U16 = { type: Uint16Array, bits: 16, format: 1 };
const I16 = { type: Int16Array, bits: 16, format: 2 };
const F32 = { type: Float32Array, bits: 32, format: 3 };
const RGB = { bands: 3, photometric: 2 };
const colours: Value = (x, y, band) => [x / 63, y / 63, 0.4][band]!;

const KINDS: Readonly<Record<string, Kind>> = {
  "12 bits in 16": { ...U16, value: (x) => Math.round(4095 * grey(x, 0, 0)), seen: grey },
  "10 bits in 16": { ...U16, value: (x) => Math.round(1023 * grey(x, 0, 0)), seen: grey },
  "all of 16 bits": { ...U16, value: (x) => Math.round(65535 * grey(x, 0, 0)), seen: grey },
  "a dark picture that uses half of 16 bits": { ...U16, value: (x) => 520 * x, seen: (x) => (520 * x) / 65535 },
  "a thermal camera, narrow and far from black": {
    ...U16,
    value: (x) => 29_000 + 20 * x,
    seen: (x) => (20 * x) / (20 * 63),
  },
  "a thermal camera that sees a few degrees": {
    ...U16,
    value: (x) => 30_000 + 2 * x,
    seen: grey,
  },
  "one value with noise, which is no picture": {
    ...U16,
    value: (x, y) => 30_000 + Math.round(97 * anyOf(x, y)),
    seen: () => 30_000 / 65_535,
  },
  "12 bits with a dead pixel": {
    ...U16,
    value: (x, y) => (x === 5 && y === 5 ? 65535 : Math.round(4095 * grey(x, 0, 0))),
    seen: (x, y) => (x === 5 && y === 5 ? 1 : grey(x, 0, 0)),
  },
  "12 bits in colour": { ...U16, ...RGB, value: (x, y, c) => Math.round(4095 * colours(x, y, c)), seen: colours },
  "float, 0 to 1": { ...F32, value: grey, seen: grey },
  "heights in metres": { ...F32, value: (x) => 1200 + 10 * x, seen: grey },
  "heights with gaps": {
    ...F32,
    value: (x, y) => (y < 8 ? Number.NaN : y < 16 ? -9999 : 1200 + 10 * x),
    seen: (x, y) => (y < 16 ? 0 : grey(x, 0, 0)),
  },
  "float colours, 0 to 255": { ...F32, ...RGB, value: (x, y, c) => 255 * colours(x, y, c), seen: colours },
  "signed 8 bits": { type: Int8Array, bits: 8, format: 2, value: (x) => 4 * x - 128, seen: (x) => (4 * x) / 255 },
  "signed 16 bits, all of them": { ...I16, value: (x) => -32768 + 1040 * x, seen: grey },
  "Hounsfield units": { ...I16, value: (x) => -1000 + 40 * x, seen: grey },
  "signed 32 bits": { type: Int32Array, bits: 32, format: 2, value: (x) => 1000 * x - 20_000, seen: grey },
  "four bands, the last without a meaning": {
    type: Uint8Array,
    bits: 8,
    format: 1,
    bands: 4,
    photometric: 2,
    extra: [0],
    value: (x, y, band) => (band === 3 ? 0 : Math.round(255 * colours(x, y, band))),
    seen: colours,
  },
  "grey and a band without a meaning": {
    type: Uint8Array,
    bits: 8,
    format: 1,
    bands: 2,
    extra: [0],
    value: (x, _, band) => (band === 1 ? 0 : 4 * x),
    seen: (x) => (4 * x) / 255,
  },
  "float where 0 is white": { ...F32, photometric: 0, value: grey, seen: (x) => 1 - grey(x, 0, 0) },
  "signed where the least is white, with gaps": {
    ...I16,
    photometric: 0,
    value: (x, y) => (y < 8 ? -9999 : 100 - 40 * x),
    seen: (x, y) => (y < 8 ? 0 : grey(x, 0, 0)),
  },
  "whole numbers where 0 is white": {
    ...U16,
    photometric: 0,
    value: (x) => Math.round(65535 * grey(x, 0, 0)),
    seen: (x) => 1 - grey(x, 0, 0),
  },
  "four bands where 0 is white": {
    type: Uint8Array,
    bits: 8,
    format: 1,
    bands: 4,
    photometric: 0,
    extra: [0, 0, 0],
    value: (x, y, band) => (band === 3 ? 0 : 255 - Math.round(255 * colours(x, y, band))),
    seen: colours,
  },
  "a thermal camera with gaps that the file declares": {
    ...U16,
    noData: 0,
    value: (x, y) => (y < 8 ? 0 : 30_000 + 20 * x),
    seen: (x, y) => (y < 8 ? 0 : grey(x, 0, 0)),
  },
  "12 bits with gaps at the top, in colour": {
    ...U16,
    ...RGB,
    noData: 65_535,
    value: (x, y, band) => (y < 8 ? 65_535 : Math.round(4095 * colours(x, y, band))),
    seen: (x, y, band) => (y < 8 ? 0 : colours(x, y, band)),
  },
  "heights with gaps above all of them": {
    ...F32,
    noData: 1e20,
    value: (x, y) => (y < 8 ? 1e20 : 1200 + 10 * x),
    seen: (x, y) => (y < 8 ? 0 : grey(x, 0, 0)),
  },
  "seven bands of 12 bits": {
    ...U16,
    bands: 7,
    extra: [0, 0, 0, 0, 0, 0],
    value: (x, y, band) => (band < 3 ? Math.round(4095 * colours(x, y, band)) : 9),
    seen: colours,
  },
};

test.each(Object.entries(KINDS))(
  "%s",
  async (_, { type, bits, format, bands = 1, photometric = 1, extra, noData, value, seen }) => {
    const size = { width: SIDE, height: SIDE, bands };
    const picture: TiffPicture = {
      ...size,
      bits,
      format,
      photometric,
      ...(extra === undefined ? {} : { extra }),
      ...(noData === undefined ? {} : { noData }),
      data: samplesOf(type, size, value),
    };
    // Three bands of 0 to 1 would be light, which the model does not see as it is; so bands that are equal stand for grey.
    expectSeen(await decoded(tiffOf(picture)), (x, y, band) => seen(x, y, bands < 3 ? 0 : band));
  },
);

test("YCbCr side by side is converted; in a depth that nobody converts it is a kind that is not read", async () => {
  const size = { width: SIDE, height: SIDE, bands: 3 };
  const shade: Value = (x, y, band) => [4 * x, 4 * y, 128][band]! / 255;
  const [kr, kb] = [0.299, 0.114];
  const ycc: Value = (x, y, band) => {
    const [r, g, b] = [0, 1, 2].map((c) => 255 * shade(x, y, c)) as [number, number, number];
    const light = kr * r + (1 - kr - kb) * g + kb * b;
    return Math.round([light, 128 + (b - light) / (2 - 2 * kb), 128 + (r - light) / (2 - 2 * kr)][band]!);
  };
  const picture = { ...size, bits: 8, format: 1, photometric: 6, data: samplesOf(Uint8Array, size, ycc) };
  expectSeen(await decoded(tiffOf({ ...picture, subsampling: [1, 1] })), shade);
  const deep = { ...picture, bits: 16, data: samplesOf(Uint16Array, size, ycc) };
  await expect(decoded(tiffOf({ ...deep, subsampling: [1, 1] }))).rejects.toThrow("TIFF with YCbCr");
});

test("measures of which none is there are nothing to see, not black", async () => {
  const size = { width: SIDE, height: SIDE, bands: 1 };
  const all = (value: number) =>
    tiffOf({ ...size, ...F32, photometric: 1, data: samplesOf(Float32Array, size, () => value) });
  const declared = { ...size, ...U16, photometric: 1, noData: 7, data: samplesOf(Uint16Array, size, () => 7) };
  await expect(decoded(tiffOf(declared))).rejects.toThrow("nothing to see");
  for (const value of [Number.NaN, -9999]) await expect(decoded(all(value))).rejects.toThrow("nothing to see");
  expectSeen(await decoded(all(3)), () => 0);
});

test("a band that is said to be alpha is alpha", async () => {
  const size = { width: SIDE, height: SIDE, bands: 4 };
  const data = samplesOf(Uint8Array, size, (_, __, band) => [200, 0, 0, 0][band]!);
  const picture = { ...size, bits: 8, format: 1, photometric: 2, data };
  expectSeen(await decoded(tiffOf({ ...picture, extra: [2] })), () => 1);
  // Nothing is said of it: as old writers wrote alpha, and others read it.
  expectSeen(await decoded(tiffOf(picture)), () => 1);
});

test("PNG of 12 bits in 16, in grey and with alpha; a profile says what white is", async () => {
  const values = Uint16Array.from({ length: SIDE * SIDE }, (_, i) => Math.round(4095 * grey(i % SIDE, 0, 0)));
  const raw = { width: SIDE, height: SIDE, channels: 1 as const };
  const png = await sharp(values, { raw }).toColourspace("grey16").png().toBuffer();
  expectSeen(await decoded(png, "grey.png"), (x) => grey(x, 0, 0));
  const both = Uint16Array.from({ length: 4 * SIDE * SIDE }, (_, i) => (i % 4 === 3 ? 4095 : values[i >> 2]!));
  const withAlpha = sharp(both, { raw: { ...raw, channels: 4 } }).toColourspace("rgb16");
  expectSeen(await decoded(await withAlpha.png().toBuffer(), "alpha.png"), (x) => grey(x, 0, 0));
  const profiled = await sharp(both, { raw: { ...raw, channels: 4 } })
    .removeAlpha()
    .toColourspace("rgb16")
    .withIccProfile("srgb")
    .png()
    .toBuffer();
  expect(Math.max(...(await decoded(profiled, "profiled.png")))).toBeLessThan(30);
});

test("a thumbnail shows the same as the model sees", async () => {
  const size = { width: SIDE, height: SIDE, bands: 1 };
  const path = join(root, "thumbnail.tif");
  const data = samplesOf(Float32Array, size, (x) => 1200 + 10 * x);
  writeFileSync(path, tiffOf({ ...size, bits: 32, format: 3, photometric: 1, data }));
  const { bytes } = await makeThumbnail(path, SIDE);
  const { channels } = await sharp(bytes).stats();
  expect(channels[0]!.min).toBeLessThan(20);
  expect(channels[0]!.max).toBeGreaterThan(235);
});

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { expect, test } from "vitest";
import { significantBits, sizeInHeader } from "../../../src/core/images/header.ts";
import { decodeBytes } from "../../../src/core/images/index.ts";
import type { InputSpec } from "../../../src/shared/index.ts";

/** What a decoder says of the same bytes. */
async function sizeOf(bytes: Buffer) {
  const { width, height } = (await sharp(bytes).metadata()).autoOrient;
  return { width, height };
}

const picture = (width = 30, height = 20, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: "#678" } });

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "a JPEG of EXIF orientation %i has the size that the decoder sees",
  async (orientation) => {
    const bytes = await picture().withMetadata({ orientation }).jpeg().toBuffer();
    expect(sizeInHeader(bytes)).toEqual(await sizeOf(bytes));
    expect(sizeInHeader(bytes)).toEqual(orientation >= 5 ? { width: 20, height: 30 } : { width: 30, height: 20 });
  },
);

test("so has one of big-endian EXIF", async () => {
  const bytes = await picture().withMetadata({ orientation: 1 }).jpeg().toBuffer();
  const tiff = Buffer.from("4d4d002a00000008000101120003000000010006000000000000", "hex");
  const exif = Buffer.concat([Buffer.from("Exif\0\0"), tiff]);
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, exif.length + 2]), exif]);
  // Behind the start of the image, in place of the segments that were there.
  const plain = await picture().jpeg().toBuffer();
  const turned = Buffer.concat([plain.subarray(0, 2), segment, plain.subarray(2)]);
  expect(sizeInHeader(turned)).toEqual({ width: 20, height: 30 });
  expect(await sizeOf(turned)).toEqual({ width: 20, height: 30 });
  // Which of two counts is the decoder's business.
  expect(sizeInHeader(Buffer.concat([turned.subarray(0, 2), segment, turned.subarray(2)]))).toBeUndefined();
  expect(bytes.length).toBeGreaterThan(plain.length);
});

test.each([
  ["progressive JPEG", () => picture(61, 7).jpeg({ progressive: true }).toBuffer()],
  ["grey JPEG", () => picture(3, 400).greyscale().jpeg().toBuffer()],
  ["CMYK JPEG with a profile", () => picture().toColourspace("cmyk").withIccProfile("cmyk").jpeg().toBuffer()],
  ["transparent PNG", () => picture(9, 5, 4).png().toBuffer()],
  ["interlaced PNG with a palette", () => picture(200, 1).png({ palette: true, progressive: true }).toBuffer()],
])("a %s has the size that the decoder sees", async (_, make) => {
  const bytes = await make();
  expect(sizeInHeader(bytes)).toEqual(await sizeOf(bytes));
});

test("a PNG with an orientation, other formats and what is no image are left to the decoder", async () => {
  const turned = await picture().withMetadata({ orientation: 6 }).png().toBuffer();
  expect(turned.includes("eXIf")).toBe(true);
  expect(sizeInHeader(turned)).toBeUndefined();
  for (const format of ["webp", "gif", "tiff", "avif"] as const) {
    expect(sizeInHeader(await picture().toFormat(format).toBuffer())).toBeUndefined();
  }
  expect(sizeInHeader(Buffer.alloc(0))).toBeUndefined();
  expect(sizeInHeader(Buffer.from("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"))).toBeUndefined();
});

test("of damaged headers it either sees what the decoder sees or nothing", async () => {
  const files = [
    await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    await picture(64, 33).png().toBuffer(),
  ];
  const edit = fc.tuple(
    fc.constantFrom(...files),
    fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 3 }),
    fc.nat(2000),
  );
  let decoded = 0;
  await fc.assert(
    fc.asyncProperty(edit, async ([file, changes, cut]) => {
      const bytes = Buffer.from(cut < file.length ? file.subarray(0, cut) : file);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const seen = sizeInHeader(bytes);
      const said = await sizeOf(bytes).catch(() => undefined);
      // What cannot be opened is skipped, whatever its header says.
      if (seen === undefined || said === undefined) return;
      decoded++;
      expect(seen).toEqual(said);
    }),
    { numRuns: 3000 },
  );
  expect(decoded).toBeGreaterThan(300);
});

test("the pictures of the documentation, too", async () => {
  const folder = resolve(import.meta.dirname, "../../../media");
  const files = readdirSync(folder).filter(
    (name) => /\.(png|jpe?g)$/i.test(name) && statSync(join(folder, name)).isFile(),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const name of files) {
    const bytes = readFileSync(join(folder, name));
    expect(sizeInHeader(bytes), name).toEqual(await sizeOf(bytes));
  }
});

test("how many bits of a PNG are significant is read from what there is, and never beyond it", async () => {
  const png = await picture().png().toBuffer();
  /** Behind the header, which ends at 33, or elsewhere. */
  const having = (body: readonly number[], length = body.length, at = 33) => {
    const head = Buffer.from("\0\0\0\0sBIT", "latin1");
    head.writeUInt32BE(length, 0);
    return Buffer.concat([png.subarray(0, at), head, Buffer.from(body), Buffer.alloc(4), png.subarray(at)]);
  };
  expect(significantBits(png)).toBeUndefined();
  expect(significantBits(having([10, 12, 9]))).toBe(12);
  expect(significantBits(having([12]))).toBe(12);
  expect(significantBits(having([1, 2, 3, 4, 255, 255]))).toBe(4);
  // One behind the pixels says nothing, and neither does one without a body.
  expect(significantBits(having([12], 1, png.length - 12))).toBeUndefined();
  expect(significantBits(having([]))).toBeUndefined();
  // A length beyond the file, and a file that ends in the chunk or before it.
  expect(significantBits(having([12], 0xffffffff))).toBe(12);
  for (let end = 0; end < 45; end++)
    expect(significantBits(having([10, 12, 9]).subarray(0, end)) ?? 12).toBeLessThanOrEqual(12);
});

test("bits that cannot be significant do not change how a picture of 16 bits is seen", async () => {
  const values = Uint16Array.from({ length: 64 * 64 }, (_, i) => (i % 64) * 60);
  const png = await sharp(values, { raw: { width: 64, height: 64, channels: 1 } })
    .toColourspace("grey16")
    .png()
    .toBuffer();
  const declared = (bits: number) => {
    const chunk = Buffer.from([0, 0, 0, 1, ...Buffer.from("sBIT"), bits, 0, 0, 0, 0]);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, 9)), 9);
    return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
  };
  const input: InputSpec = { width: 64, height: 64, resize: "squash", background: [255, 255, 255] };
  const seen = async (bytes: Buffer) => (await decodeBytes(bytes, input)).pixels;
  const plain = await seen(png);
  // 3,780 are 12 bits; more than 16 cannot be, and fewer than there are say nothing.
  for (const bits of [0, 1, 12]) expect(await seen(declared(bits))).toEqual(plain);
  const whole = await seen(declared(16));
  expect(whole).not.toEqual(plain);
  for (const bits of [17, 255]) expect(await seen(declared(bits))).toEqual(whole);
});

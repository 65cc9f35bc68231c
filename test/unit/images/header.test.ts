import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { expect, test } from "vitest";
import { sizeInHeader } from "../../../src/core/images/header.ts";

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

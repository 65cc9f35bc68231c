import { crc32 } from "node:zlib";
import sharp from "sharp";
import { expect, test } from "vitest";
import { withExifInFront } from "../../../src/core/images/header.ts";
import { withImage } from "../../../src/core/images/open.ts";

/** EXIF data of the tag Orientation alone. */
function exif(orientation: number): Buffer {
  const tiff = Buffer.from("4d4d002a00000008000101120003000000010000000000000000", "hex");
  tiff.writeUInt16BE(orientation, 18);
  return tiff;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** Grey that grows brighter from left to right. */
const png = (depth: 8 | 16) => {
  const pixels = Buffer.from(Array.from({ length: 30 * 20 * 3 }, (_, i) => 8 * (Math.floor(i / 3) % 30)));
  const picture = sharp(pixels, { raw: { width: 30, height: 20, channels: 3 } });
  return (depth === 16 ? picture.toColourspace("rgb16") : picture).png().toBuffer();
};
const withChunk = (bytes: Buffer, before: string, data: Buffer) => {
  const at = bytes.indexOf(before) - 4;
  return Buffer.concat([bytes.subarray(0, at), data, bytes.subarray(at)]);
};
const seen = async (bytes: Buffer) => {
  const { result } = await withImage(bytes, 30, async ({ image, width, height }) => {
    const raw = image.removeAlpha().toColourspace("srgb").raw({ depth: "uchar" });
    return { width, height, pixels: await raw.toBuffer() };
  });
  return result;
};

test.each([8, 16] as const)(
  "the orientation of a PNG of %d bits is heeded before and behind the pixels",
  async (depth) => {
    const plain = await png(depth);
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const data = chunk("eXIf", exif(orientation));
      const [before, behind] = [withChunk(plain, "IDAT", data), withChunk(plain, "IEND", data)];
      const one = await seen(before);
      expect(await seen(behind), String(orientation)).toEqual(one);
      expect(one.width, String(orientation)).toBe(orientation < 5 ? 30 : 20);
      expect(one.pixels.equals((await seen(plain)).pixels)).toBe(orientation === 1 || orientation === 4);
    }
  },
);

test("files without such a chunk behind their pixels, and those that end in it, stay as they are", async () => {
  const plain = await png(8);
  const data = chunk("eXIf", exif(6));
  for (const bytes of [plain, withChunk(plain, "IDAT", data), withChunk(plain, "IEND", data).subarray(0, -20)]) {
    expect(withExifInFront(bytes)).toBe(bytes);
  }
});

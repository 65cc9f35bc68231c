import { expect, test } from "vitest";
import { kindOf } from "../../../src/core/images/kinds.ts";
import { withImage } from "../../../src/core/images/open.ts";

const WIDTH = 30;
const HEIGHT = 20;
const pixels = Buffer.from(Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i * 37) % 256));

/** A BigTIFF of one strip: 64-bit places and counts. */
function bigTiff(little: boolean): Buffer {
  const short = (v: number) => {
    const out = Buffer.alloc(2);
    if (little) out.writeUInt16LE(v);
    else out.writeUInt16BE(v);
    return out;
  };
  const long8 = (v: number) => {
    const out = Buffer.alloc(8);
    if (little) out.writeBigUInt64LE(BigInt(v));
    else out.writeBigUInt64BE(BigInt(v));
    return out;
  };
  const shorts = (...values: number[]) => Buffer.concat([...values, 0, 0, 0].slice(0, 4).map(short));
  const SHORT = 3;
  const LONG8 = 16;
  const fields = 8;
  const data = 16 + 8 + 20 * fields + 8;
  const field = (tag: number, type: number, count: number, value: Buffer) =>
    Buffer.concat([short(tag), short(type), long8(count), value]);
  return Buffer.concat([
    ...[Buffer.from(little ? "II" : "MM"), short(43), short(8), short(0), long8(16), long8(fields)],
    field(256, SHORT, 1, shorts(WIDTH)),
    field(257, SHORT, 1, shorts(HEIGHT)),
    field(258, SHORT, 3, shorts(8, 8, 8)),
    field(259, SHORT, 1, shorts(1)),
    field(262, SHORT, 1, shorts(2)),
    field(273, LONG8, 1, long8(data)),
    field(277, SHORT, 1, shorts(3)),
    field(279, LONG8, 1, long8(pixels.length)),
    ...[long8(0), pixels],
  ]);
}

test.each([true, false])("a BigTIFF is read as any other TIFF, little endian: %s", async (little) => {
  const bytes = bigTiff(little);
  expect(kindOf(bytes)?.name).toBe("TIFF");
  const { result, partial } = await withImage(bytes, 30, async ({ image, width, height }) => ({
    ...{ width, height },
    data: await image.removeAlpha().toColourspace("srgb").raw({ depth: "uchar" }).toBuffer(),
  }));
  expect({ ...result, partial }).toEqual({ width: WIDTH, height: HEIGHT, data: pixels, partial: false });
  await expect(withImage(bytes.subarray(0, 900), 30, ({ image }) => image.raw().toBuffer())).rejects.toThrow(
    "damaged: ",
  );
});

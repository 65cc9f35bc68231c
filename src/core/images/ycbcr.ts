import type { Sharp } from "sharp";
import sharp from "sharp";

/** Opens a picture of three bands of 8 bits that are Y, Cb and Cr (ITU-R BT.601, all of 0 to 255, as TIFF 6.0 takes them). */
export async function openYcbcr(opened: Sharp): Promise<Sharp> {
  const { data, info } = await opened.autoOrient().raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const values = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  for (let at = 0; at < values.length; at += channels) {
    const [y, cb, cr] = [values[at]!, values[at + 1]! - 128, values[at + 2]! - 128];
    values[at] = y + 1.402 * cr;
    values[at + 1] = y - 0.344136 * cb - 0.714136 * cr;
    values[at + 2] = y + 1.772 * cb;
  }
  return sharp(data, { raw: { width, height, channels } });
}

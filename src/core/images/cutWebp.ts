import sharp, { type Sharp, type SharpOptions } from "sharp";

/** Bytes before the first chunk. */
const HEADER = 12;
/** What is missing may be so many times what there is. */
const MOST_MISSING = 8;
/**
 * The least and the greatest that missing bytes may be. The decoder asks of its bits, as a number, whether they are above a limit (RFC
 * 6386, 7.3): what is the same by both is known. Behind so many bytes nothing is any more, and zeros take the fewest.
 */
const FILLS = [0x00, 0xff] as const;
const FILLED = 8;
/** Rows that are decoded together, and those above them that they still change: blocks are smoothed where they meet. */
const BLOCK = 16;
const SMOOTHED = 8;

/**
 * What can be read of a WebP file whose end is missing, as browsers show it: the frames or the picture that are whole, or the
 * upper rows of a picture with loss. Of one without loss the decoder gives nothing.
 * @returns a file, or RGBA pixels that are clear where nothing is known; undefined where nothing can be read, or no end is missing
 */
export async function openCutWebp(bytes: Buffer, options: SharpOptions): Promise<Sharp | undefined> {
  if (bytes.length < HEADER + 8) return undefined;
  const { end, cut, whole } = chunksOf(bytes);
  if (cut === undefined) return undefined;
  if (whole) return sharp(sized(bytes.subarray(0, end), end), options);
  if (cut.type !== "VP8 " || cut.end > (1 + MOST_MISSING) * bytes.length) return undefined;
  const [one, other] = await Promise.all(FILLS.map((fill) => rgba(sized(bytes, cut.end, fill), options)));
  const { width, height, data } = one!;
  let rows = 0;
  const row = (pixels: Buffer) => pixels.subarray(4 * width * rows, 4 * width * (rows + 1));
  while (rows < height && row(data).equals(row(other!.data))) rows++;
  const known = BLOCK * Math.floor(rows / BLOCK) - SMOOTHED;
  if (known <= 0) return undefined;
  data.fill(0, 4 * width * known);
  return sharp(data, { raw: { width, height, channels: 4 } });
}

/** Chunks that are whole (RFC 9649): where the last of them ends, whether one is a picture, and the one that is not. */
function chunksOf(bytes: Buffer) {
  let whole = false;
  for (let at = HEADER; at + 8 <= bytes.length; ) {
    const type = bytes.toString("latin1", at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const end = at + 8 + size + (size & 1);
    if (end > bytes.length) return { end: at, cut: { type, end }, whole };
    whole ||= ["VP8 ", "VP8L", "ANMF"].includes(type);
    at = end;
  }
  return { end: bytes.length, cut: undefined, whole };
}

/** The file with another length, which it says. @param fill of the first bytes that it did not have */
function sized(bytes: Buffer, length: number, fill = 0): Buffer {
  const out = Buffer.alloc(length);
  bytes.copy(out);
  out.fill(fill, Math.min(length, bytes.length), Math.min(length, bytes.length + FILLED));
  out.writeUInt32LE(length - 8, 4);
  return out;
}

async function rgba(bytes: Buffer, options: SharpOptions) {
  const picture = sharp(bytes, options).toColourspace("srgb").ensureAlpha().raw({ depth: "uchar" });
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

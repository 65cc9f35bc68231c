import { bmpHeader } from "./bmp.ts";
import { type ImageSize, isDeepPng, isInterlaced, isProgressive, sizeInHeader } from "./header.ts";
import type { Kind } from "./kinds.ts";
import { isPlain } from "./plain.ts";
import { coloursOf, type TiffHeader, tiffHeader } from "./tiffHeader.ts";

/** What decoding a picture takes, as far as its first bytes show it. */
export interface Burden {
  /** Bytes of memory. */
  readonly bytes: number;
  /**
   * Whether it goes to a process that can be ended: its decoder heeds no limit of time, or holds the only thread of
   * JavaScript, there are very many pixels, or there is more to it than pixels.
   */
  readonly aside: boolean;
  /** Whether it takes a thread for so long that not all threads may have such pictures. */
  readonly heavy: boolean;
}

/** Pixels beyond which a picture is heavy: some tenths of a second. */
const SOME = 16_000_000;
/** A JPEG in one pass is made smaller while it is read, in so much of the time. */
const SHRUNK = 1 / 3;
/** Pixels beyond which a picture is decoded aside: more than nearly all photographs have. */
const MANY = 50_000_000;
/** Bytes of a picture whose size is not plain to read. */
const UNKNOWN = 1 << 27;
/** Of a picture that is read row by row, as far as that is not nothing. */
const ROWS = 1;

/** Kinds whose decoders heed no limit of time, or are written in JavaScript. */
const ASIDE = new Set(["SVG", "AVIF", "BMP"]);

/** @param side of what is wanted of it, in pixels */
export function burdenOf(bytes: Buffer, kind: Kind | undefined, side: number): Burden {
  if (kind?.read !== true) return { bytes: 0, aside: false, heavy: false };
  if (kind.name === "SVG") return { bytes: 4 * (side + 1) * Math.max(side, 4096), aside: true, heavy: true };
  const tiff = kind.name === "TIFF" ? tiffHeader(bytes) : undefined;
  const size = sizeOf(bytes, kind.name, tiff);
  if (size === undefined) return { bytes: UNKNOWN, aside: kind.name !== "TIFF", heavy: true };
  const pixels = size.width * size.height;
  const aside = ASIDE.has(kind.name) || pixels > MANY || isDeep(bytes, kind.name, tiff) || !isPlain(bytes, kind.name);
  const each = bytesPerPixel(bytes, kind.name, tiff);
  const heavy = pixels * (kind.name === "JPEG" && each === ROWS ? SHRUNK : 1) > SOME;
  return { bytes: pixels * each, aside, heavy };
}

/** Whether each of its values is looked at in JavaScript. */
function isDeep(bytes: Buffer, kind: string, tiff: TiffHeader | undefined): boolean {
  if (tiff === undefined) return kind === "PNG" && isDeepPng(bytes);
  return tiff.bits > 8 || tiff.format !== 1 || tiff.samples > coloursOf(tiff) + 1;
}

/** Measured: what the whole picture takes where the decoder holds all of it. */
function bytesPerPixel(bytes: Buffer, kind: string, tiff: TiffHeader | undefined): number {
  if (kind === "JPEG") return isProgressive(bytes) ? 6 : ROWS;
  if (kind === "PNG") return isDeepPng(bytes) ? 10 : isInterlaced(bytes) ? 5 : ROWS;
  if (tiff !== undefined) return tiff.bits > 8 || tiff.tiled ? 8 * Math.min(3, tiff.samples) : 4;
  return kind === "AVIF" || kind === "BMP" ? 8 : 5;
}

function sizeOf(bytes: Buffer, kind: string, tiff: TiffHeader | undefined): ImageSize | undefined {
  try {
    switch (kind) {
      case "JPEG":
        return sizeInHeader(bytes);
      case "PNG":
        return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
      case "GIF":
        return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
      case "BMP":
        return bmpHeader(bytes);
      case "AVIF":
        return largestExtent(bytes);
      case "WebP":
        return sizeOfWebp(bytes);
      default:
        return tiff;
    }
  } catch {
    // Cut off, or damaged: the decoder will say so.
    return undefined;
  }
}

/** Of an AVIF: one of tiles has some hundreds. */
const EXTENTS = 10_000;

/** The largest image spatial extent (ISO/IEC 23008-12) in the file: the picture's, or that of one of its tiles. */
function largestExtent(bytes: Buffer): ImageSize | undefined {
  let largest: ImageSize | undefined;
  let seen = 0;
  for (let at = bytes.indexOf("ispe"); at >= 0; at = bytes.indexOf("ispe", at + 4)) {
    if (at + 16 > bytes.length || ++seen > EXTENTS) break;
    const size = { width: bytes.readUInt32BE(at + 8), height: bytes.readUInt32BE(at + 12) };
    if (largest === undefined || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}

/** From the first chunk (RFC 9649). */
function sizeOfWebp(bytes: Buffer): ImageSize | undefined {
  const chunk = bytes.toString("latin1", 12, 16);
  if (chunk === "VP8X") return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  if (chunk === "VP8 ") return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  if (chunk !== "VP8L") return undefined;
  const bits = bytes.readUInt32LE(21);
  return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
}

/** What the first bytes of image files say: asking sharp costs a twentieth of decoding a photograph. */

/** Segments before the frame of a JPEG; files of programs have a few dozens. */
const SEGMENTS = 1000;

export interface ImageSize {
  /** Pixels of the picture as it is seen, after EXIF orientation. */
  readonly width: number;
  readonly height: number;
}

/**
 * The size of a JPEG or PNG file from its header (ITU-T T.81 annex B, CIPA DC-008, PNG 11.2.2), where it is plain to read.
 * @returns undefined for other formats, and wherever a decoder might see it differently
 */
export function sizeInHeader(bytes: Buffer): ImageSize | undefined {
  try {
    if (bytes.readUInt16BE(0) === 0xffd8) return sizeOfJpeg(bytes);
    if (bytes.readBigUInt64BE(0) === 0x89504e470d0a1a0an) return sizeOfPng(bytes);
  } catch (error) {
    // It ends too early; the decoder will say so.
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

function sizeOfJpeg(bytes: Buffer): ImageSize | undefined {
  let orientation: number | undefined;
  for (let [at, segment] = [2, 0]; segment < SEGMENTS; segment++) {
    if (bytes.readUInt8(at) !== 0xff) return undefined;
    const marker = bytes.readUInt8(at + 1);
    // Only segments with a length come before the frame; a fill byte is a decoder's business.
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda) || marker === 0xff) return undefined;
    const body = at + 4;
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    // Huffman tables, JPEG extensions and arithmetic coding share the numbers of the frames.
    if (marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      const size = { height: bytes.readUInt16BE(body + 1), width: bytes.readUInt16BE(body + 3) };
      if (size.width === 0 || size.height === 0) return undefined;
      return (orientation ?? 1) >= 5 ? { width: size.height, height: size.width } : size;
    }
    if (marker === 0xe1 && bytes.toString("latin1", body, body + 6) === "Exif\0\0") {
      if (orientation !== undefined) return undefined;
      orientation = orientationIn(bytes.subarray(body + 6, end));
      if (orientation === undefined) return undefined;
    }
    at = end;
  }
  return undefined;
}

/** The tag Orientation of the first directory of EXIF data, 1 where it has none; undefined where it is not one of 1 to 8. */
function orientationIn(tiff: Buffer): number | undefined {
  const order = tiff.toString("latin1", 0, 2);
  if (order !== "II" && order !== "MM") return undefined;
  const little = order === "II";
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  if (short(2) !== 42) return undefined;
  const directory = long(4);
  const entries = short(directory);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i;
    if (short(entry) !== 0x0112) continue;
    const value = short(entry + 8);
    const plain = short(entry + 2) === 3 && long(entry + 4) === 1 && value >= 1 && value <= 8;
    return plain ? value : undefined;
  }
  return 1;
}

function sizeOfPng(bytes: Buffer): ImageSize | undefined {
  // Its orientation may stand behind the pixels, too.
  if (bytes.toString("latin1", 12, 16) !== "IHDR" || bytes.includes("eXIf") || bytes.includes("Raw profile")) {
    return undefined;
  }
  const size = { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  return size.width === 0 || size.height === 0 ? undefined : size;
}

/**
 * A PNG file whose EXIF data (chunk eXIf, PNG 11.3.3.3: anywhere but among the pixels) stand behind the pixels, where the decoder
 * does not look for an orientation, with them in front; any other as it is.
 */
export function withExifInFront(bytes: Buffer): Buffer {
  if (!bytes.includes("eXIf")) return bytes;
  let pixels: number | undefined;
  for (let at = 8; at + 8 <= bytes.length; ) {
    const type = bytes.toString("latin1", at + 4, at + 8);
    const end = at + 12 + bytes.readUInt32BE(at);
    if (type === "IDAT") pixels ??= at;
    if (type === "eXIf") {
      if (pixels === undefined || end > bytes.length) return bytes;
      const parts = [[0, pixels], [at, end], [pixels, at], [end]] as const;
      return Buffer.concat(parts.map(([from, to]) => bytes.subarray(from, to)));
    }
    at = end;
  }
  return bytes;
}

/** Whether a JPEG file comes in several passes, all of which are held. */
export function isProgressive(bytes: Buffer): boolean {
  let segment = 0;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (++segment > SEGMENTS) return true;
    const marker = bytes[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) return marker > 0xc1;
  }
  return true;
}

/** Whether a PNG file comes in several passes, all of which are held. */
export function isInterlaced(bytes: Buffer): boolean {
  return bytes[28] === 1;
}

/** Whether a PNG file has samples of 16 bits. */
export function isDeepPng(bytes: Buffer): boolean {
  return bytes[24] === 16;
}

/** The most bits that a PNG file says are significant in a sample (chunk sBIT, PNG 11.3.2.6), where it says so. */
export function significantBits(bytes: Buffer): number | undefined {
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (type === "IDAT") return undefined;
    if (type !== "sBIT") continue;
    // One of each band.
    const bands = bytes.subarray(at + 8, at + 8 + Math.min(4, bytes.readUInt32BE(at)));
    return bands.length === 0 ? undefined : Math.max(...bands);
  }
  return undefined;
}

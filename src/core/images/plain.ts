/**
 * Whether a picture takes what its pixels take. A decoder may also work for what is beside them: thousands of passes over the
 * same pixels, texts that unfold to gigabytes, lists of frames and directories, tiles that share their bytes. Files of programs
 * have few of these.
 */
import { directoriesOf, tileBytesOf } from "./tiffHeader.ts";

/** Passes over the pixels of a JPEG; encoders make up to some twenty. */
const SCANS = 32;
/** Segments, chunks and directories that a file has beside its pixels, and pieces that its pixels are cut into needlessly small. */
const PARTS = 1000;
/** Bytes of a piece of a PNG's pixels; encoders write 8192 and more. */
const PIECE = 4096;
const DIRECTORIES = 64;
/** Bytes of compressed texts and profiles, which unfold to a thousand times as many. */
const COMPRESSED = 1 << 17;
/** Bytes of a GIF, all of whose frames are looked at. */
const FRAMES = 1 << 23;

/** @param kind as `kindOf` names it */
export function isPlain(bytes: Buffer, kind: string): boolean {
  try {
    switch (kind) {
      case "JPEG":
        return isPlainJpeg(bytes);
      case "PNG":
        return isPlainPng(bytes);
      case "GIF":
        return bytes.length <= FRAMES;
      case "WebP":
        return isPlainWebp(bytes);
      case "TIFF":
        return directoriesOf(bytes, DIRECTORIES + 1) <= DIRECTORIES && tileBytesOf(bytes) <= bytes.length;
      default:
        return true;
    }
  } catch (error) {
    // It ends before its header does, or a length in it leads nowhere.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const SCAN = Buffer.from([0xff, 0xda]);

/** Segments up to the first scan (ITU-T T.81 annex B); what has all components there, in one pass, has no other scan. */
function isPlainJpeg(bytes: Buffer): boolean {
  let components = 0;
  let progressive = false;
  for (let [at, parts] = [2, 0]; parts < PARTS; parts++) {
    for (; bytes.readUInt8(at) === 0xff && bytes.readUInt8(at + 1) === 0xff; at++) if (++parts > PARTS) return false;
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1]!;
    const body = at + 4;
    if (marker === 0xda) {
      if (!progressive && bytes.readUInt8(body) >= components) return true;
      let scans = 0;
      for (let scan = at; scan >= 0 && scans <= SCANS; scan = bytes.indexOf(SCAN, scan + 2)) scans++;
      return scans <= SCANS;
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      components = bytes.readUInt8(body + 5);
      progressive = marker > 0xc1;
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return false;
}

/** Chunks beside the pixels (PNG 11.3), those that are compressed by their bytes. */
function isPlainPng(bytes: Buffer): boolean {
  let compressed = 0;
  let parts = 0;
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (type === "IDAT" && bytes.readUInt32BE(at) >= PIECE) continue;
    if (++parts > PARTS) return false;
    if (type === "zTXt" || type === "iTXt" || type === "iCCP") compressed += bytes.readUInt32BE(at);
    if (compressed > COMPRESSED) return false;
    if (type === "IEND") return true;
  }
  return true;
}

/** One frame, and few chunks (RFC 9649). */
function isPlainWebp(bytes: Buffer): boolean {
  let parts = 0;
  for (let at = 12; at + 8 <= bytes.length; parts++) {
    const type = bytes.toString("latin1", at, at + 4);
    if (type === "ANIM" || type === "ANMF" || parts > PARTS) return false;
    const size = bytes.readUInt32LE(at + 4);
    at += 8 + size + (size % 2);
  }
  return true;
}

import { open, stat } from "node:fs/promises";
import sharp from "sharp";
import { readFailure } from "../files/index.ts";
import { ImageError, shadowFolder } from "../images/index.ts";

/** How much of a picture a file has, beside its pixels. */
export interface Worth {
  /**
   * 2 for a format that loses nothing, 1 for one of few colours and for colours of print of which no profile says what they
   * are, 0 for one that compresses with loss.
   */
  readonly faithful: number;
  /** Bytes without profiles and other notes. */
  readonly bytes: number;
}

const LOSSLESS = new Set(["png", "tiff", "svg"]);

/** Of a file that can be decoded. @throws ImageError where it went away meanwhile */
export async function worthOf(file: string): Promise<Worth> {
  try {
    return await lookAt(file);
  } catch (error) {
    throw new ImageError(readFailure(error), { cause: error, retry: true });
  }
}

async function lookAt(file: string): Promise<Worth> {
  const { size } = await stat(file);
  const metadata = await sharp(file, { failOn: "none" })
    .metadata()
    .catch(() => undefined);
  // What is read and is not known to sharp is a bitmap.
  if (metadata === undefined) return { faithful: 2, bytes: size };
  const { format, icc, exif, xmp, iptc, space } = metadata;
  const notes = [icc, exif, xmp, iptc].reduce((sum, each) => sum + (each?.length ?? 0), 0);
  const lossless = LOSSLESS.has(format) || (format === "webp" && (await isLosslessWebp(file)));
  const whole = space === "cmyk" && icc === undefined ? 1 : 2;
  return { faithful: lossless ? whole : format === "gif" ? 1 : 0, bytes: size - notes };
}

/** By the name of its chunk of pixels (RFC 9649), which stands near the beginning where there are no notes before it. */
async function isLosslessWebp(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead).includes("VP8L");
  } finally {
    await handle.close();
  }
}

/** Whether a path lies in a folder, or is a file, that a user does not see. @param path relative, with `/` */
function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") || shadowFolder(part) !== undefined);
}

/** Seen files before hidden ones, then by name. */
export function byPlace(a: string, b: string): number {
  return Number(isHidden(a)) - Number(isHidden(b)) || (a < b ? -1 : 1);
}

interface Valued {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly worth: Worth;
}

/** The one to keep first: seen rather than hidden, then most pixels, then nothing lost, then most bytes, then by name. */
export function byWorth(a: Valued, b: Valued): number {
  return (
    Number(isHidden(a.path)) - Number(isHidden(b.path)) ||
    b.width * b.height - a.width * a.height ||
    b.worth.faithful - a.worth.faithful ||
    b.worth.bytes - a.worth.bytes ||
    (a.path < b.path ? -1 : 1)
  );
}

import { aboutImage, readImageFile, shadowFolder } from "../images/index.ts";

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

const LOSSLESS = new Set(["png", "tiff"]);

/** Of a file that can be decoded. @throws ImageError where it cannot be read any more */
export async function worthOf(file: string): Promise<Worth> {
  const bytes = await readImageFile(file);
  const { format, hasProfile, notes, print } = await aboutImage(bytes);
  // What is read and is not known to sharp is a bitmap or a drawing.
  if (format === null) return { faithful: 2, bytes: bytes.length };
  const lossless = LOSSLESS.has(format) || (format === "webp" && isLosslessWebp(bytes));
  const whole = print && !hasProfile ? 1 : 2;
  return { faithful: lossless ? whole : format === "gif" ? 1 : 0, bytes: bytes.length - notes };
}

/** By the name of its chunk of pixels (RFC 9649), which stands near the beginning where there are no notes before it. */
function isLosslessWebp(bytes: Buffer): boolean {
  return bytes.subarray(0, 4096).includes("VP8L");
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

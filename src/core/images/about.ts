import sharp, { type Metadata } from "sharp";
import { ImageError } from "./failures.ts";

/** What a file has beside its first picture. */
export interface AboutImage {
  /** Frames or pages, at least one. */
  readonly frames: number;
  /** Colours for print (CMYK) are others than those of a screen. */
  readonly print: boolean;
  /** There is more than the first frame, which is all that is read. */
  readonly hasUnread: boolean;
  /** As sharp names it; null for what it does not read. */
  readonly format: string | null;
  readonly hasProfile: boolean;
  /** Bytes of profiles and other notes. */
  readonly notes: number;
}

/** Nothing is told of what sharp does not read. */
export const NOTHING_KNOWN: AboutImage = {
  frames: 1,
  print: false,
  hasUnread: false,
  format: null,
  hasProfile: false,
  notes: 0,
};

/** All frames of an animation, or pages. */
export interface Frames {
  /** Of the original, in pixels. */
  readonly fullWidth: number;
  readonly fullHeight: number;
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** uint8 RGBA `[count, height, width, 4]` */
  readonly pixels: Uint8Array;
}

/** Frames smaller than this show nothing. */
const LEAST_SIDE = 32;
/** Bytes of all frames. */
const MOST_BYTES = 64 << 20;

/** See `aboutImage`; in this process, whatever it takes. */
export async function aboutHere(bytes: Buffer): Promise<AboutImage> {
  try {
    const metadata = await sharp(bytes, { failOn: "none" }).metadata();
    const { format, space, icc, exif, xmp, iptc } = metadata;
    const frames = await framesOf(bytes, metadata);
    return {
      frames: frames ?? 1,
      print: space === "cmyk",
      hasUnread: frames === undefined || hasUnreadFrames(bytes, metadata),
      format,
      hasProfile: icc !== undefined,
      notes: [icc, exif, xmp, iptc].reduce((sum, each) => sum + (each?.length ?? 0), 0),
    };
  } catch {
    return NOTHING_KNOWN;
  }
}

/**
 * See `imageFrames`; in this process, whatever it takes.
 * @returns null where they are too many to see anything in them
 * @throws ImageError
 */
export async function framesHere(bytes: Buffer, most: number): Promise<Frames | null> {
  try {
    const { pages = 1, width, pageHeight: height = 1 } = await sharp(bytes, { pages: -1 }).metadata();
    const side = Math.min(most, Math.max(width, height), Math.floor(Math.sqrt(MOST_BYTES / 4 / pages)));
    if (side < LEAST_SIDE && side < Math.max(width, height)) return null;
    const { data, info } = await sharp(bytes, { pages: -1, failOn: "error" })
      .toColourspace("srgb")
      .ensureAlpha()
      .resize(side, side, { fit: "inside" })
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const size = { width: info.width, height: Math.round(info.height / pages) };
    return { fullWidth: width, fullHeight: height, count: pages, ...size, pixels: data };
  } catch (error) {
    throw new ImageError("its frames cannot be read", { cause: error });
  }
}

/** @returns undefined where there are more than can be told */
async function framesOf(bytes: Buffer, { pages = 1, format, width }: Metadata): Promise<number | undefined> {
  if (pages === 1 || format !== "tiff") return pages;
  // What follows a TIFF's picture is often the same one made smaller.
  const second = await sharp(bytes, { page: 1 })
    .metadata()
    .catch(() => undefined);
  if (second === undefined) return undefined;
  return second.width < width ? 1 : pages;
}

/** Whether it is an animated PNG or a sequence in AVIF: of those the first picture is all that is decoded. */
function hasUnreadFrames(bytes: Buffer, { format }: Metadata): boolean {
  if (format === "png") {
    const pixels = bytes.indexOf("IDAT");
    return bytes.subarray(0, Math.max(0, pixels)).includes("acTL");
  }
  return format === "heif" && bytes.subarray(8, 64).includes("avis");
}

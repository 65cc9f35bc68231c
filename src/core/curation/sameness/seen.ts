import sharp, { type Metadata, type SharpOptions } from "sharp";
import { ImageError, readImage, withImage } from "../../images/index.ts";

/** Longest side at which two pictures are compared, in pixels: the strokes of a page of text are still there. */
export const CLOSE = 1024;
/** Longest side at which pictures are told apart that are clearly others. */
export const COARSE = 256;
/** Frames of animations: longest side, and the most bytes of all of them. */
const FRAME_SIDE = 256;
const FRAME_BYTES = 64 << 20;
/** After which the frames of an animation are given up. */
const SECONDS = 20;

/** A picture as it is seen, upright, at its size or at what of it is compared. */
export interface SeenPicture {
  /** SHA-256 of the file. */
  readonly hash: Uint8Array;
  /** Of the original, in pixels. */
  readonly fullWidth: number;
  readonly fullHeight: number;
  readonly width: number;
  readonly height: number;
  /** uint8 RGBA `[height, width, 4]`; of an animation its first frame. */
  readonly pixels: Uint8Array;
  readonly opaque: boolean;
  /** Frames or pages, at least one. */
  readonly frames: number;
  /** Colours for print (CMYK) are others than those of a screen. */
  readonly print: boolean;
  /** Nobody sees all of it here (an animation in a format whose frames are not read, or a file that is read in part): only its bytes can be compared. */
  readonly bytesOnly: boolean;
}

/** @param most longest side. @throws ImageError with the reason in plain words */
export async function see(file: string, most: number): Promise<SeenPicture> {
  const { bytes, hash } = await readImage(file);
  const about = await aboutOf(bytes);
  const { result, partial } = await withImage(bytes, most, async ({ image, width, height, drawn }) => {
    const side = Math.min(most, Math.max(drawn.width, drawn.height));
    const { data, info } = await image
      .toColourspace("srgb")
      .ensureAlpha()
      .resize(side, side, { fit: "inside", fastShrinkOnLoad: false })
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 4) throw new ImageError(`damaged: ${info.channels} channels after conversion to RGB`);
    return { fullWidth: width, fullHeight: height, width: info.width, height: info.height, pixels: data };
  });
  // What is missing of a picture that was read in part is not known to be the same.
  return { hash, ...result, opaque: isOpaque(result.pixels), ...about, bytesOnly: about.bytesOnly || partial };
}

/** What its headers tell; nothing of a kind that sharp does not read. */
async function aboutOf(bytes: Buffer): Promise<Pick<SeenPicture, "frames" | "print" | "bytesOnly">> {
  const metadata = await metadataOf(bytes, { failOn: "none" });
  if (metadata === undefined) return { frames: 1, print: false, bytesOnly: false };
  const frames = await framesOf(bytes, metadata);
  return {
    frames: frames ?? 1,
    print: metadata.space === "cmyk",
    bytesOnly: frames === undefined || hasUnreadFrames(bytes, metadata),
  };
}

/** @returns undefined where the decoder has none, and of a file that somebody has just begun to write: none of its bytes makes it throw at once */
async function metadataOf(bytes: Buffer, options: SharpOptions): Promise<Metadata | undefined> {
  try {
    return await sharp(bytes, options).metadata();
  } catch {
    return undefined;
  }
}

/**
 * All frames, each as large as its bytes allow.
 * @throws ImageError
 * @returns RGBA pictures; null where they are too many
 */
export async function seeFrames(file: string): Promise<SeenPicture[] | null> {
  const { bytes, hash } = await readImage(file);
  try {
    const { pages = 1, width, pageHeight: height = 1 } = await sharp(bytes, { pages: -1 }).metadata();
    const side = Math.min(FRAME_SIDE, Math.max(width, height), Math.floor(Math.sqrt(FRAME_BYTES / 4 / pages)));
    if (side < 32 && side < Math.max(width, height)) return null;
    const { data, info } = await sharp(bytes, { pages: -1, failOn: "error" })
      .toColourspace("srgb")
      .ensureAlpha()
      .resize(side, side, { fit: "inside" })
      .timeout({ seconds: SECONDS })
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const high = Math.round(info.height / pages);
    return Array.from({ length: pages }, (_, i) => {
      const pixels = data.subarray(i * high * info.width * 4, (i + 1) * high * info.width * 4);
      return {
        ...{ hash, fullWidth: width, fullHeight: height, width: info.width, height: high, pixels },
        ...{ opaque: isOpaque(pixels), frames: 1, print: false, bytesOnly: false },
      };
    });
  } catch (error) {
    throw new ImageError("its frames cannot be read", { cause: error });
  }
}

function isOpaque(rgba: Uint8Array): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i]! < 255) return false;
  return true;
}

/** @returns undefined where there are more than can be told */
async function framesOf(bytes: Buffer, { pages = 1, format, width }: Metadata): Promise<number | undefined> {
  if (pages === 1 || format !== "tiff") return pages;
  // What follows a TIFF's picture is often the same one made smaller.
  const second = await metadataOf(bytes, { page: 1 });
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

import { aboutImage, ImageError, imageFrames, readImage, withImage } from "../../images/index.ts";

/** Longest side at which two pictures are compared, in pixels: the strokes of a page of text are still there. */
export const CLOSE = 1024;
/** Longest side at which pictures are told apart that are clearly others. */
export const COARSE = 256;
/** Longest side of the frames of animations, in pixels. */
const FRAME_SIDE = 256;

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
  const { frames, print, hasUnread } = await aboutImage(bytes);
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
  return { hash, ...result, opaque: isOpaque(result.pixels), frames, print, bytesOnly: hasUnread || partial };
}

/**
 * All frames, each as large as its bytes allow.
 * @throws ImageError
 * @returns RGBA pictures; null where they are too many
 */
export async function seeFrames(file: string): Promise<SeenPicture[] | null> {
  const { bytes, hash } = await readImage(file);
  const frames = await imageFrames(bytes, FRAME_SIDE);
  if (frames === null) return null;
  const { fullWidth, fullHeight, count, width, height, pixels: all } = frames;
  return Array.from({ length: count }, (_, i) => {
    const pixels = all.subarray(i * height * width * 4, (i + 1) * height * width * 4);
    return {
      ...{ hash, fullWidth, fullHeight, width, height, pixels },
      ...{ opaque: isOpaque(pixels), frames: 1, print: false, bytesOnly: false },
    };
  });
}

function isOpaque(rgba: Uint8Array): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i]! < 255) return false;
  return true;
}

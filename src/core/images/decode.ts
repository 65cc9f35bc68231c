import { createHash } from "node:crypto";
import { closeSync, fstatSync, open, read } from "node:fs";
import { promisify } from "node:util";
import sharp, { type Region, type Sharp, type SharpOptions } from "sharp";
import type { Box, InputSpec } from "../../shared/index.ts";
import type { BufferPool } from "./bufferPool.ts";
import { decodeFailure, ImageError, readFailure } from "./failures.ts";
import { seenPart, toInput, wholePixels } from "./fit.ts";
import { sizeInHeader } from "./header.ts";

// Thousands of different files pass through once each: libvips' cache would only hold memory, and files in flight give
// more than threads within one file.
sharp.cache(false);
sharp.concurrency(1);

/** Files beyond this are not read: an image that fits the pixel limit is smaller by far. Bytes. */
const MAX_FILE_SIZE = 1 << 30;

/** How often a file is read that changes meanwhile. */
const READ_ATTEMPTS = 3;

const openFile = promisify(open);
const readBytes = promisify(read);

/** An image file as it was read: bytes and state belong together. */
export interface ImageFile {
  readonly bytes: Buffer;
  /** SHA-256 of the bytes, 32 bytes. */
  readonly hash: Uint8Array;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly size: number;
}

export interface DecodedImage {
  /** RGB, `[height, width, 3]` of the model's input size, uint8. */
  readonly pixels: Uint8Array;
  /** Of the original, after EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** What of the original the input shows, as fractions; beyond 0..1 where it is filled up. */
  readonly seen: Box;
}

/**
 * Reads an image file once and makes the model's input of it: first frame, EXIF orientation applied, sRGB, transparent
 * pixels on the model's background, resized by the model's rule.
 * @param box only this part of the picture; at least a pixel of it is taken
 * @throws ImageError with the reason in plain words
 */
export async function decodeForModel(file: string, input: InputSpec, box?: Box): Promise<DecodedImage> {
  return decodeBytes((await readImage(file)).bytes, input, box);
}

/** See `decodeForModel`; of a file that is read already. @throws ImageError */
export async function decodeBytes(bytes: Buffer, input: InputSpec, box?: Box): Promise<DecodedImage> {
  try {
    const { part, width, height } = await openPart(bytes, Math.max(input.width, input.height), box);
    const [r, g, b] = input.background;
    // A part is chosen to be seen: nothing of it is cut off.
    const rule: InputSpec = box === undefined ? input : { ...input, resize: "squash" };
    const picture = part.flatten({ background: { r, g, b } }).toColourspace("srgb");
    return {
      pixels: await toInput(picture, rule, width, height),
      width,
      height,
      seen: box ?? seenPart(input, width, height),
    };
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(decodeFailure(error), { cause: error });
  }
}

/** A picture as it is drawn on, RGB. */
export interface Picture {
  /** uint8 `[height, width, 3]`. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * An image file, or a part of it, as a picture on white that fills a square as far as its aspect ratio lets it.
 * @param side of the square, in pixels
 * @throws ImageError with the reason in plain words
 */
export async function decodePicture(file: string, side: number, box?: Box): Promise<Picture> {
  const bytes = await readImageFile(file);
  try {
    const { data, info } = await (await openPart(bytes, side, box)).part
      .flatten({ background: "#fff" })
      .toColourspace("srgb")
      .resize(side, side, { fit: "inside" })
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { pixels: data, width: info.width, height: info.height };
  } catch (error) {
    throw new ImageError(decodeFailure(error), { cause: error });
  }
}

/** Opens a part of the first frame, upright, or all of it. @returns also the size of the whole */
async function openPart(
  bytes: Buffer,
  side: number,
  box: Box | undefined,
): Promise<{ readonly part: Sharp; readonly width: number; readonly height: number }> {
  // Of a vector image, the part is to be drawn as large as it is wanted.
  const enlarge = box === undefined ? 1 : 1 / Math.max(0.01, Math.min(box.width, box.height));
  const { image, width, height } = await openImage(bytes, enlarge * side);
  const part = box === undefined ? image : image.extract(await boxOf(image, box));
  return { part, width, height };
}

/** A box in pixels of what will be decoded, upright: a vector image is drawn larger than it says it is. */
async function boxOf(image: Sharp, box: Box): Promise<Region> {
  const { width, height } = (await image.metadata()).autoOrient;
  return wholePixels(box, width, height);
}

export interface ThumbnailImage {
  /** A WebP file; transparency is kept. */
  readonly bytes: Uint8Array;
  /** Of the original, after EXIF orientation. */
  readonly width: number;
  readonly height: number;
}

/**
 * A small picture of an image file with its aspect ratio kept, never enlarged.
 * @param size longest side in pixels
 * @throws ImageError with the reason in plain words
 */
export async function makeThumbnail(file: string, size: number): Promise<ThumbnailImage> {
  const bytes = await readImageFile(file);
  try {
    const { image, width, height } = await openImage(bytes, size);
    const thumbnail = await image
      .toColourspace("srgb")
      .resize(size, size, { fit: "inside", withoutEnlargement: true })
      .webp({ quality: 80, effort: 2 })
      .toBuffer();
    return { bytes: thumbnail, width, height };
  } catch (error) {
    throw new ImageError(decodeFailure(error), { cause: error });
  }
}

/** @throws ImageError where the file cannot be read, is too large to be an image, or does not come to rest */
export async function readImageFile(file: string): Promise<Buffer> {
  return (await readState(file)).bytes;
}

/** See `readImageFile`; with the state of the file that was read. @param pool where its bytes come from, to be given back */
export async function readImage(file: string, pool?: BufferPool): Promise<ImageFile> {
  const read = await readState(file, pool);
  return { ...read, hash: createHash("sha256").update(read.bytes).digest() };
}

async function readState(file: string, pool?: BufferPool): Promise<Omit<ImageFile, "hash">> {
  try {
    // Of an open file, state and close are answered at once; a thread's answer to each would come a turn of the event loop
    // later, and a turn can be as long as a run of the model.
    const handle = await openFile(file, "r");
    try {
      for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        const before = fstatSync(handle);
        if (!before.isFile()) throw new ImageError("cannot be read (not a file)");
        if (before.size > MAX_FILE_SIZE) throw new ImageError("too large: a file of more than 1 GiB");
        const bytes = pool?.take(before.size) ?? Buffer.allocUnsafeSlow(before.size);
        const { bytesRead } = await readBytes(handle, bytes, 0, bytes.length, 0);
        const { mtimeMs, ctimeMs, size } = fstatSync(handle);
        // Somebody still writes it: bytes of two states would be kept under the state of one.
        const atRest = size === before.size && mtimeMs === before.mtimeMs && ctimeMs === before.ctimeMs;
        if (bytesRead === size && atRest) return { bytes, mtimeMs, ctimeMs, size };
        pool?.give(bytes);
      }
      throw new ImageError("it changes while it is read; the next update looks at it again", { retry: true });
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(readFailure(error), { cause: error, retry: true });
  }
}

/** Opens the first frame, upright; a vector image is drawn with at least `side` pixels on its shorter side. */
export async function openImage(bytes: Buffer, side: number): Promise<{ image: Sharp; width: number; height: number }> {
  const options: SharpOptions = { failOn: "error" };
  const opened = sharp(bytes, options);
  const known = sizeInHeader(bytes);
  if (known !== undefined) return { image: opened.autoOrient(), ...known };
  const { format, autoOrient } = await opened.metadata();
  const { width, height } = autoOrient;
  const density = Math.min(2400, Math.max(72, (72 * side) / Math.min(width, height)));
  const image = format === "svg" ? sharp(bytes, { ...options, density }) : opened;
  return { image: image.autoOrient(), width, height };
}

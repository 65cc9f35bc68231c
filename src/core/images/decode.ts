import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, open, read } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import type { Box, InputSpec } from "../../shared/index.ts";
import { readFailure } from "../files/index.ts";
import type { BufferPool } from "./bufferPool.ts";
import { ImageError, notRead } from "./failures.ts";
import { seenPart, toInput, wholePixels } from "./fit.ts";
import { kindOf, SIGNATURE, unreadKind } from "./kinds.ts";
import { type Wish, withImage } from "./open.ts";
import type { OpenedImage } from "./openHere.ts";

/** Files beyond this are not read: an image that fits the pixel limit is smaller by far. Bytes. */
const MAX_FILE_SIZE = 1 << 30;

/** How often a file is read that changes meanwhile. */
const READ_ATTEMPTS = 3;

/** Opening a pipe must not wait for one who writes into it; Windows has neither. */
const READ_ONLY = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** What is hashed at once: some hundredths of a second. Bytes. */
const SLICE = 1 << 24;

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
  /** Its stream has an error: it is what could be read of it. */
  readonly partial: boolean;
}

/**
 * Reads an image file once and makes the model's input of it: first frame, EXIF orientation applied, sRGB, transparent
 * pixels on the model's background, resized by the model's rule.
 * @param box only this part of the picture; at least a pixel of it is taken
 * @throws ImageError with the reason in plain words
 */
export async function decodeForModel(file: string, input: InputSpec, box?: Box): Promise<DecodedImage> {
  return decodeBytes(await readImageFile(file), input, box, { asked: true });
}

/** See `decodeForModel`; of a file that is read already. @throws ImageError */
export async function decodeBytes(bytes: Buffer, input: InputSpec, box?: Box, wish?: Wish): Promise<DecodedImage> {
  const side = Math.max(input.width, input.height);
  const { result, partial } = await withPart(bytes, side, box, wish, async (opened) => {
    const [r, g, b] = input.background;
    // A part is chosen to be seen: nothing of it is cut off.
    const rule: InputSpec = box === undefined ? input : { ...input, resize: "squash" };
    const { image, width, height, drawn } = opened;
    const picture = image.flatten({ background: { r, g, b } }).toColourspace("srgb");
    return {
      pixels: await toInput(picture, rule, drawn.width, drawn.height),
      width,
      height,
      seen: box ?? seenPart(input, width, height),
    };
  });
  return { ...result, partial };
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
  const { result } = await withPart(await readImageFile(file), side, box, { asked: true }, async ({ image }) => {
    const { data, info } = await image
      .flatten({ background: "#fff" })
      .toColourspace("srgb")
      .resize(side, side, { fit: "inside" })
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { pixels: data, width: info.width, height: info.height };
  });
  return result;
}

/** See `withImage`; a part of the first frame, upright, or all of it, with the size of the whole. */
function withPart<T>(
  bytes: Buffer,
  side: number,
  box: Box | undefined,
  wish: Wish | undefined,
  use: (opened: OpenedImage) => Promise<T>,
) {
  if (box === undefined) return withImage(bytes, side, use, wish);
  // Of a vector image, the part is to be drawn as large as it is wanted.
  const enlarge = 1 / Math.max(0.01, Math.min(box.width, box.height));
  const cut = async ({ image, width, height, drawn }: OpenedImage): Promise<T> => {
    const part = wholePixels(box, drawn.width, drawn.height);
    return use({ image: image.extract(part), width, height, drawn: part });
  };
  return withImage(bytes, enlarge * side, cut, wish);
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
 * @param hash SHA-256 of the file's content, where it has to be this and no other
 * @throws ImageError with the reason in plain words
 */
export async function makeThumbnail(file: string, size: number, hash?: Uint8Array): Promise<ThumbnailImage> {
  const { result } = await withImage(
    hash === undefined ? await readImageFile(file) : await readContent(file, hash),
    size,
    async ({ image, width, height }) => {
      const bytes = await image
        .toColourspace("srgb")
        .resize(size, size, { fit: "inside", withoutEnlargement: true })
        .webp({ quality: 80, effort: 2 })
        .toBuffer();
      return { bytes, width, height };
    },
    { asked: true },
  );
  return result;
}

/** @throws ImageError where the file cannot be read, is too large to be an image, or does not come to rest */
export async function readImageFile(file: string): Promise<Buffer> {
  return (await readState(file)).bytes;
}

async function readContent(file: string, wanted: Uint8Array): Promise<Buffer> {
  const { bytes, hash } = await readImage(file);
  if (Buffer.compare(hash, wanted) === 0) return bytes;
  throw new ImageError("it is not what was indexed", { retry: true });
}

/** See `readImageFile`; with the state of the file that was read. @param pool where its bytes come from, to be given back */
export async function readImage(file: string, pool?: BufferPool): Promise<ImageFile> {
  const read = await readState(file, pool);
  return { ...read, hash: await hashOf(read.bytes) };
}

/** SHA-256. Of a large file others get their turn in between. */
async function hashOf(bytes: Uint8Array): Promise<Buffer> {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.length; at += SLICE) {
    if (at > 0) await setImmediate();
    hash.update(bytes.subarray(at, at + SLICE));
  }
  return hash.digest();
}

async function readState(file: string, pool?: BufferPool): Promise<Omit<ImageFile, "hash">> {
  try {
    // Of an open file, state and close are answered at once; a thread's answer to each would come a turn of the event loop
    // later, and a turn can be as long as a run of the model.
    const handle = await openFile(file, READ_ONLY);
    try {
      for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        const before = fstatSync(handle);
        if (!before.isFile()) throw new ImageError("cannot be read (not a file)");
        await refuseUnread(file, handle);
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

/**
 * A file with the ending of a kind that is not read may be of one that is; otherwise its bytes, often tens of millions, are
 * left alone.
 */
async function refuseUnread(file: string, handle: number): Promise<void> {
  const ending = unreadKind(file);
  if (ending === undefined) return;
  const head = Buffer.alloc(SIGNATURE);
  const { bytesRead } = await readBytes(handle, head, 0, head.length, 0);
  const kind = kindOf(head.subarray(0, bytesRead));
  // Most cameras' raw files are TIFF files, of which a decoder would find the thumbnail.
  if (kind?.read === true && kind.name !== "TIFF") return;
  // What is packed says nothing of what is in it.
  throw notRead(kind === undefined || kind.read || kind.name === "gzip" ? ending : kind.name);
}

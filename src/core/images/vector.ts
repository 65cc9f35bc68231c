import sharp, { type Sharp } from "sharp";
import { ImageError } from "./failures.ts";
import type { ImageSize } from "./header.ts";
import { attributeOf, inUtf8, lengthOf, type RootTag, rootTag, showsMore } from "./svgText.ts";

/** A vector image is drawn at most this long, whatever its size or aspect. Pixels. */
const LONGEST = 4096;
/** The drawing library finds nothing in what is smaller than this. Pixels. */
const TINY = 0.1;
/** What is smaller than this as its file says is put into a box of the size that is needed. Pixels. */
const SMALL = 8;
/** Dots per inch at which a pixel of the file is one that is drawn. */
const DENSITY = 72;

export interface OpenedVector extends ImageSize {
  readonly image: Sharp;
  readonly drawn: ImageSize;
  /** It shows more than is drawn here. */
  readonly partial: boolean;
}

/**
 * Draws a vector image with `side` pixels on its shorter side, as far as its longer one lets it.
 * @returns RGBA, with the size that the file says, in whole pixels, at least one
 * @throws ImageError where there is nothing to draw, or what the decoder throws
 */
export async function drawVector(file: Buffer, side: number): Promise<OpenedVector> {
  const utf8 = inUtf8(file);
  const bytes = await withSize(utf8);
  const size = await nominalSize(bytes);
  const [short, long] = [Math.min(size.width, size.height), Math.max(size.width, size.height)];
  const scale = Math.min(side / short, LONGEST / long);
  // Of one that is too long for that, what is short is stretched: squashed to a square, nothing of it is lost.
  const drawn = (length: number) => Math.max(Math.round(length * scale), Math.min(Math.round(side), LONGEST));
  const density = DENSITY * scale;
  const plain = short >= SMALL && density >= 1 && long * side <= LONGEST * short;
  const image = plain
    ? sharp(bytes, { failOn: "error", density, limitInputPixels: false })
    : sharp(inBox(bytes, size, drawn(size.width), drawn(size.height)), { failOn: "error" });
  const { data, info } = await image
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 4 && isClear(data)) throw nothing();
  return {
    image: sharp(data, { raw: { width, height, channels } }),
    drawn: { width, height },
    width: Math.max(1, Math.round(size.width)),
    height: Math.max(1, Math.round(size.height)),
    partial: showsMore(utf8.toString("latin1")),
  };
}

function nothing(cause?: unknown): ImageError {
  return new ImageError("nothing to see: nothing in it can be drawn", { cause });
}

function isClear(rgba: Buffer): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 0) return false;
  return true;
}

/**
 * A drawing with a size by which it can be drawn at any other: lengths in pixels and a view box. Where the file has no box, it is
 * the size; where it has neither, all that is drawn, from the origin on.
 */
async function withSize(bytes: Buffer): Promise<Buffer> {
  const text = bytes.toString("latin1");
  const root = rootTag(text);
  // Values by entities are the library's business.
  if (root === undefined || /\s(width|height|viewBox)\s*=\s*["'][^"']*&/.test(root.tag)) return bytes;
  const stated = { width: lengthOf(root.tag, "width"), height: lengthOf(root.tag, "height") };
  const isStated = stated.width > 0 && stated.height > 0;
  const box = boxOf(root.tag);
  if (box === undefined) {
    const size = isStated ? stated : await inkSize(text, root);
    return withRoot(text, root, size, `0 0 ${size.width} ${size.height}`);
  }
  const isNone = stated.width < TINY || stated.height < TINY;
  const size = isStated ? stated : isNone ? { width: box[2]!, height: box[3]! } : statedSize(root.tag);
  return size === undefined ? bytes : withRoot(text, root, size, box.join(" "));
}

/** The view box, where it is one. */
function boxOf(tag: string): number[] | undefined {
  const box = (attributeOf(tag, "viewBox") ?? "").split(/[\s,]+/).map(Number);
  return box.length === 4 && box.every(Number.isFinite) && box[2]! > 0 && box[3]! > 0 ? box : undefined;
}

/** The text with other sizes in its root, none of them next to nothing. */
function withRoot(text: string, { tag, at }: RootTag, { width, height }: ImageSize, box: string): Buffer {
  const least = Math.min(width, height);
  const grown = least < TINY ? 100 / least : 1;
  const sizes = ` width="${grown * width}" height="${grown * height}" viewBox="${box}"`;
  return withTag(text, { tag, at }, (bare) => bare.replace(/\/?>$/, (end) => sizes + end));
}

/** @param change gets the root's tag without sizes */
function withTag(text: string, { tag, at }: RootTag, change: (bare: string) => string): Buffer {
  const bare = tag.replace(/\s(width|height|viewBox)\s*=\s*("[^"]*"|'[^']*')/g, "");
  // The decoder looks for the name without a prefix.
  const known = tag.startsWith("<svg") ? "" : "<!--<svg-->";
  return Buffer.from(text.slice(0, at) + known + change(bare) + text.slice(at + tag.length), "latin1");
}

/** How far what is drawn reaches, from the origin on. @throws ImageError where nothing is drawn */
async function inkSize(text: string, root: RootTag): Promise<ImageSize> {
  const origin = '<rect xmlns="http://www.w3.org/2000/svg" width="0.5" height="0.5"/>';
  const { width, height } = await metadataOf(withTag(text, root, (bare) => bare + origin));
  return { width, height };
}

async function metadataOf(bytes: Buffer): Promise<ImageSize> {
  try {
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (error) {
    if (/bad dimensions/.test(String(error))) throw nothing(error);
    throw error;
  }
}

async function nominalSize(bytes: Buffer): Promise<ImageSize> {
  const tag = rootTag(bytes.toString("latin1"))?.tag ?? "";
  try {
    const { width, height } = await metadataOf(bytes);
    // Rounded to whole pixels, which of a small one leaves little.
    return (Math.min(width, height) < SMALL ? statedSize(tag) : undefined) ?? { width, height };
  } catch (error) {
    // It says that it is too large, or too thin, for the drawing library.
    const stated = statedSize(tag);
    if (stated === undefined) throw error;
    return stated;
  }
}

/** Width and height of the root element, or those of its view box. */
function statedSize(tag: string): ImageSize | undefined {
  const [, , across, down] = boxOf(tag) ?? [0, 0, Number.NaN, Number.NaN];
  const positive = (length: number) => (length > 0 ? length : Number.NaN);
  let [width, height] = [positive(lengthOf(tag, "width")), positive(lengthOf(tag, "height"))];
  if (Number.isNaN(width)) width = Number.isNaN(height) ? across! : (height * across!) / down!;
  if (Number.isNaN(height)) height = (width * down!) / across!;
  return width > 0 && height > 0 && Number.isFinite(width * height) ? { width, height } : undefined;
}

/** The picture inside a box of a size, stretched to fill it; its own sizes, and what it calls 100 %, stay as they are. */
function inBox(bytes: Buffer, { width, height }: ImageSize, across: number, down: number): Buffer {
  const root = rootTag(bytes.toString("latin1"));
  if (root === undefined) throw new ImageError("damaged: an SVG without a root element");
  const open =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${across}" height="${down}" ` +
    `viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">`;
  return Buffer.concat([bytes.subarray(0, root.at), Buffer.from(open), bytes.subarray(root.at), Buffer.from("</svg>")]);
}

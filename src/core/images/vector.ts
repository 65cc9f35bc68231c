import sharp, { type Sharp } from "sharp";
import { ImageError } from "./failures.ts";
import type { ImageSize } from "./header.ts";
import { utf16Of } from "./kinds.ts";

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
}

/**
 * Draws a vector image with `side` pixels on its shorter side, as far as its longer one lets it.
 * @returns RGBA, with the size that the file says, in whole pixels, at least one
 * @throws what the decoder throws
 */
export async function drawVector(file: Buffer, side: number): Promise<OpenedVector> {
  const bytes = withSize(inUtf8(file));
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
  return {
    image: sharp(data, { raw: { width, height, channels } }),
    drawn: { width, height },
    width: Math.max(1, Math.round(size.width)),
    height: Math.max(1, Math.round(size.height)),
  };
}

/** The decoder knows a drawing by its first bytes, in UTF-8. */
function inUtf8(bytes: Buffer): Buffer {
  const text = utf16Of(bytes);
  if (text === undefined) return bytes;
  return Buffer.from(text.replace(/^(<\?xml[^>]*?)\sencoding\s*=\s*["'][^"']*["']/, "$1"));
}

/** A drawing whose size is nothing, or next to nothing, with one by which it can be drawn: that of its view box, at its own aspect. */
function withSize(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1");
  const root = rootTag(text);
  if (root === undefined) return bytes;
  const [width, height] = [lengthOf(root.tag, "width"), lengthOf(root.tag, "height")];
  const least = Math.min(width, height);
  if (!(least >= 0 && least < TINY) || (least > 0 && attributeOf(root.tag, "viewBox") === undefined)) return bytes;
  const grown = least > 0 ? ` width="${(100 * width) / least}" height="${(100 * height) / least}"` : "";
  const tag = root.tag.replace(/\s(width|height)\s*=\s*("[^"]*"|'[^']*')/g, "").replace(/\/?>$/, (end) => grown + end);
  return Buffer.from(text.slice(0, root.at) + tag + text.slice(root.at + root.tag.length), "latin1");
}

async function nominalSize(bytes: Buffer): Promise<ImageSize> {
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    // Rounded to whole pixels, which of a small one leaves little.
    return (Math.min(width, height) < SMALL ? statedSize(bytes.toString("latin1")) : undefined) ?? { width, height };
  } catch (error) {
    // It says that it is too large, or too thin, for the drawing library.
    const stated = statedSize(bytes.toString("latin1"));
    if (stated === undefined) throw error;
    return stated;
  }
}

/** Lengths in pixels at `DENSITY`. */
const UNITS: Readonly<Record<string, number>> = { "": 1, px: 1, pt: 1, pc: 12, in: 72, cm: 72 / 2.54, mm: 72 / 25.4 };

/** Width and height of the root element, or those of its view box. */
function statedSize(text: string): ImageSize | undefined {
  const tag = rootTag(text)?.tag;
  if (tag === undefined) return undefined;
  const box = (attributeOf(tag, "viewBox") ?? "").split(/[\s,]+/).map(Number);
  let [width, height] = [lengthOf(tag, "width"), lengthOf(tag, "height")];
  if (Number.isNaN(width)) width = Number.isNaN(height) ? box[2]! : (height * box[2]!) / box[3]!;
  if (Number.isNaN(height)) height = (width * box[3]!) / box[2]!;
  return width > 0 && height > 0 && Number.isFinite(width * height) ? { width, height } : undefined;
}

function attributeOf(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(tag)?.[1]?.trim();
}

/** In pixels; NaN where it is missing, or a share of something. */
function lengthOf(tag: string, name: string): number {
  const [, number, unit] = /^([\d.eE+-]+)\s*([a-z]*)$/.exec(attributeOf(tag, name) ?? "") ?? [];
  return Number(number) * (UNITS[unit ?? ""] ?? Number.NaN);
}

/** The start tag of the root element and where it begins; what precedes it may hold tags in comments. */
function rootTag(text: string): { readonly tag: string; readonly at: number } | undefined {
  const blank = text.replace(/<!--[\s\S]*?-->/g, (comment) => " ".repeat(comment.length));
  const found = /<(?:[\w.-]+:)?svg(?=[\s>/])(?:"[^"]*"|'[^']*'|[^"'>])*>/.exec(blank);
  return found === null ? undefined : { tag: found[0], at: found.index };
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

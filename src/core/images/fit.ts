import type { Sharp } from "sharp";
import type { Box, InputSpec } from "../../shared/index.ts";
import { ImageError } from "./failures.ts";
import { resample } from "./resample.ts";

/** A picture resized, and where in it the model's input lies; beyond its edges the input is filled. */
export interface Fitted {
  readonly scaled: { readonly width: number; readonly height: number };
  /** Pixels of the resized picture. */
  readonly left: number;
  readonly top: number;
  /** RGB behind what the input has beyond the picture. */
  readonly fill: readonly [number, number, number];
}

const BLACK = [0, 0, 0] as const;

/** Where the input of a model lies in a picture of a size, by the model's rule. @param width and `height` of the picture */
export function fitted({ width: w, height: h, resize }: InputSpec, width: number, height: number): Fitted {
  if (resize === "squash") return { scaled: { width: w, height: h }, left: 0, top: 0, fill: BLACK };
  if (resize.fit === "longest") {
    const scale = Math.min(w / width, h / height);
    const scaled = { width: pixels(width * scale, w), height: pixels(height * scale, h) };
    if (resize.place === "corner") return { scaled, left: 0, top: 0, fill: resize.fill };
    const before = (input: number, picture: number) => 0 - Math.floor((input - picture) / 2);
    return { scaled, left: before(w, scaled.width), top: before(h, scaled.height), fill: resize.fill };
  }
  const scaled = resize.fit === "squash" ? resize : shortest(resize.side, width, height);
  const offset = (picture: number, input: number) => centre(picture - input, resize.halves);
  return {
    scaled: { width: scaled.width, height: scaled.height },
    left: offset(scaled.width, w),
    top: offset(scaled.height, h),
    fill: BLACK,
  };
}

function pixels(size: number, most: number): number {
  return Math.min(most, Math.max(1, Math.round(size)));
}

/** As torchvision and transformers do it: the longer side is cut off to whole pixels. */
function shortest(side: number, width: number, height: number): { width: number; height: number } {
  const longer = Math.floor((side * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? { width: side, height: longer } : { width: longer, height: side };
}

function centre(rest: number, halves: "down" | "even"): number {
  const half = rest / 2;
  if (halves === "down" || Number.isInteger(half)) return Math.floor(half);
  return 2 * Math.round(half / 2);
}

/** The part of a picture that the model sees, as fractions of it; it reaches beyond 0..1 where the input is filled up. */
export function seenPart(input: InputSpec, width: number, height: number): Box {
  const { scaled, left, top } = fitted(input, width, height);
  return {
    x: left / scaled.width,
    y: top / scaled.height,
    width: input.width / scaled.width,
    height: input.height / scaled.height,
  };
}

/** The same rule for another size of the input. */
export function resizedInput(input: InputSpec, width: number, height: number): InputSpec {
  const [across, down] = [width / input.width, height / input.height];
  const { resize } = input;
  if (resize === "squash" || resize.fit === "longest") return { ...input, width, height };
  const scaled =
    resize.fit === "squash"
      ? { ...resize, width: Math.round(resize.width * across), height: Math.round(resize.height * down) }
      : { ...resize, side: Math.round(resize.side * Math.max(across, down)) };
  return { ...input, width, height, resize: scaled };
}

/** Longest side of a picture before it is cut. Of one of 1 x 10,000 pixels the part that is seen is cut out first. */
const MAX_SCALED = 8192;
/** From this shrinking on the library does the first part of it, to `FIRST` times the size: the rest decides how it looks. */
const LARGE = 4;
const FIRST = 3;

/**
 * Resizes a picture to a model's input.
 * @param image of `width` x `height` pixels; nothing is cut from it yet
 * @returns uint8 RGB `[height, width, 3]` of the input's size
 * @throws what the decoder throws
 */
export async function toInput(image: Sharp, input: InputSpec, width: number, height: number): Promise<Uint8Array> {
  const { kernel = "lanczos", resize } = input;
  if (resize === "squash" && input.kernel === undefined)
    return raw(image.resize(input.width, input.height, { fit: "fill" }), input);
  const { scaled, left, top, fill } = fitted(input, width, height);
  if (Math.max(scaled.width, scaled.height) > MAX_SCALED) {
    const seen = image.extract(wholePixels(seenPart(input, width, height), width, height));
    return raw(seen.resize(input.width, input.height, { fit: "fill" }), input);
  }
  const shrinking = Math.min(width / scaled.width, height / scaled.height);
  const first = { width: scaled.width * FIRST, height: scaled.height * FIRST };
  const smaller =
    shrinking > LARGE && kernel !== "nearest"
      ? image.resize(first.width, first.height, { fit: "fill", fastShrinkOnLoad: false })
      : image;
  const { data, info } = await smaller.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw notRgb(info.channels);
  const inside = {
    left: Math.max(0, left),
    top: Math.max(0, top),
    width: Math.min(scaled.width, left + input.width) - Math.max(0, left),
    height: Math.min(scaled.height, top + input.height) - Math.max(0, top),
  };
  const pixels = resample(data, info, scaled, inside, kernel);
  if (inside.width === input.width && inside.height === input.height) return pixels;
  return placed(pixels, inside, input, Math.max(0, -left), Math.max(0, -top), fill);
}

async function raw(image: Sharp, { width, height }: InputSpec): Promise<Uint8Array> {
  const data = await image.raw({ depth: "uchar" }).toBuffer();
  const channels = data.length / (width * height);
  if (channels !== 3) throw notRgb(channels);
  return data;
}

function notRgb(channels: number): ImageError {
  return new ImageError(`damaged: ${channels} channels after conversion to RGB`);
}

/** A picture on a ground of one colour. */
function placed(
  pixels: Uint8Array,
  size: { readonly width: number; readonly height: number },
  { width, height }: InputSpec,
  left: number,
  top: number,
  fill: Fitted["fill"],
): Uint8Array {
  const result = Uint8Array.from({ length: width * height * 3 }, (_, i) => fill[i % 3]!);
  const row = size.width * 3;
  for (let y = 0; y < size.height; y++) {
    result.set(pixels.subarray(y * row, (y + 1) * row), ((top + y) * width + left) * 3);
  }
  return result;
}

/** The whole pixels nearest to a part of a picture, one at least. */
export function wholePixels(
  part: Box,
  width: number,
  height: number,
): { left: number; top: number; width: number; height: number } {
  const span = (start: number, length: number, all: number): readonly [number, number] => {
    const first = Math.min(all - 1, Math.max(0, Math.round(start * all)));
    const end = Math.min(all, Math.max(first + 1, Math.round((start + length) * all)));
    return [first, end - first];
  };
  const [left, across] = span(part.x, part.width, width);
  const [top, down] = span(part.y, part.height, height);
  return { left, top, width: across, height: down };
}

import type { OpenedImage } from "./openHere.ts";

/** A picture that holds no surprises: upright, sRGB of 8 bits. */
export interface TamePicture {
  /** uint8 `[height, width, channels]` of what was decoded, which may be smaller than the picture. */
  readonly pixels: Uint8Array;
  readonly decoded: { readonly width: number; readonly height: number };
  readonly channels: 3 | 4;
  /** Of the picture, as its file says. */
  readonly width: number;
  readonly height: number;
  readonly partial: boolean;
}

/** So many times as large as it is wanted a picture is left, for the last resizing to decide how it looks. */
const LEFT = 3;
/** The longer side may be so many times as long as the shorter one is wanted. */
const LONG = 4;

/** Decodes a picture, and makes it smaller where it is much larger than it is wanted. */
export async function shrunk(opened: OpenedImage, side: number): Promise<Omit<TamePicture, "partial">> {
  const { image, width, height, drawn } = opened;
  const [short, long] = [Math.min(drawn.width, drawn.height), Math.max(drawn.width, drawn.height)];
  const scale = Math.min(1, (LEFT * side) / short, (LONG * LEFT * side) / long);
  const size = { width: Math.ceil(drawn.width * scale), height: Math.ceil(drawn.height * scale) };
  const smaller = scale < 1 ? image.resize({ ...size, fit: "fill" }) : image;
  const { data, info } = await smaller
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return {
    pixels: data,
    decoded: { width: info.width, height: info.height },
    channels: info.channels === 4 ? 4 : 3,
    width,
    height,
  };
}

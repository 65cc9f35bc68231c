import sharp from "sharp";
import { newPlane, type Plane } from "./planes.ts";
import type { SeenPicture } from "./seen.ts";

/** Longer side at which smaller pictures are compared: enlarged, their strokes are more than a pixel wide. */
const LEAST = 800;
const MOST_ENLARGED = 3;

/** The colour that is seen through a picture, RGB 0..255. */
export type Ground = readonly [number, number, number];

export interface Raster {
  readonly width: number;
  readonly height: number;
  /** uint8 RGBA */
  readonly pixels: Uint8Array;
}

/** What is known of how two pictures lie before one is laid on the other. */
export interface Laid {
  /** How much the smaller picture was enlarged. */
  readonly enlarged: number;
  /** They have the same width and height: nothing was cut off, and nothing moved. */
  readonly asTheyAre: boolean;
  /** One may be the other at another size, with nothing cut off. */
  readonly sameShape: boolean;
  /** By which a scale along x and along y is to be multiplied, to have it in pixels of the originals. */
  readonly originals: readonly [number, number];
}

/**
 * Two pictures at sizes at which both show what the smaller one can: the smaller one is the target.
 * @param most how much a small one is enlarged
 */
export async function atOneSize(
  small: SeenPicture,
  large: SeenPicture,
  most = MOST_ENLARGED,
): Promise<{ readonly target: Raster; readonly source: Raster; readonly at: Laid }> {
  const ratio = Math.max(large.width / small.width, large.height / small.height);
  const scale = Math.min(most, Math.max(1, LEAST / Math.max(small.width, small.height)));
  const target = scale === 1 ? small : await resized(small, small.width * scale, small.height * scale);
  const near = ratio <= 1.25 ? large : await resized(large, small.width, small.height);
  const source = scale === 1 ? near : await resized(near, near.width * scale, near.height * scale);
  const at = {
    enlarged: scale,
    asTheyAre: small.fullWidth === large.fullWidth && small.fullHeight === large.fullHeight,
    sameShape: hasSameAspect(small, large),
    originals: [
      ((large.fullWidth / source.width) * target.width) / small.fullWidth,
      ((large.fullHeight / source.height) * target.height) / small.fullHeight,
    ] as const,
  };
  return { target, source, at };
}

export async function resized({ width, height, pixels }: Raster, toWidth: number, toHeight: number): Promise<Raster> {
  const { data, info } = await sharp(pixels, { raw: { width, height, channels: 4 } })
    .resize(Math.max(1, Math.round(toWidth)), Math.max(1, Math.round(toHeight)), { fit: "fill", kernel: "cubic" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: data };
}

/** Brightness, 0..255, of a picture on a ground. */
export function lightOn({ width, height, pixels }: Raster, [red, green, blue]: Ground): Plane {
  const light = newPlane(width, height);
  const ground = 0.299 * red + 0.587 * green + 0.114 * blue;
  for (let i = 0, k = 0; i < light.data.length; i++, k += 4) {
    const alpha = pixels[k + 3]! / 255;
    const own = 0.299 * pixels[k]! + 0.587 * pixels[k + 1]! + 0.114 * pixels[k + 2]!;
    light.data[i] = alpha * own + (1 - alpha) * ground;
  }
  return light;
}

/** Red, green and blue, 0..255, of a picture on a ground. */
export function channelsOn({ width, height, pixels }: Raster, ground: Ground): Plane[] {
  return ground.map((behind, c) => {
    const channel = newPlane(width, height);
    for (let i = 0, k = 0; i < channel.data.length; i++, k += 4) {
      const alpha = pixels[k + 3]! / 255;
      channel.data[i] = alpha * pixels[k + c]! + (1 - alpha) * behind;
    }
    return channel;
  });
}

/** The differences of colour (Cb, Cr), about 0, of a picture on a ground at half its size. */
export function coloursOn({ width, height, pixels }: Raster, ground: Ground): [Plane, Plane] {
  const [cb, cr] = [
    newPlane(Math.max(1, width >> 1), Math.max(1, height >> 1)),
    newPlane(Math.max(1, width >> 1), Math.max(1, height >> 1)),
  ];
  const rgb = [0, 0, 0];
  for (let y = 0; y < cb.height; y++) {
    for (let x = 0; x < cb.width; x++) {
      rgb.fill(0);
      for (let k = 0; k < 4; k++) {
        const at = 4 * (Math.min(height - 1, 2 * y + (k >> 1)) * width + Math.min(width - 1, 2 * x + (k & 1)));
        const alpha = pixels[at + 3]! / 255;
        for (let c = 0; c < 3; c++) rgb[c]! += (alpha * pixels[at + c]! + (1 - alpha) * ground[c]!) / 4;
      }
      const light = 0.299 * rgb[0]! + 0.587 * rgb[1]! + 0.114 * rgb[2]!;
      cb.data[y * cb.width + x] = 0.564 * (rgb[2]! - light);
      cr.data[y * cb.width + x] = 0.713 * (rgb[0]! - light);
    }
  }
  return [cb, cr];
}

type Shaped = Pick<SeenPicture, "fullWidth" | "fullHeight">;

/** Whether one is the other at another size, up to the rounding to whole pixels. */
export function hasSameAspect(a: Shaped, b: Shaped): boolean {
  const [small, large] = a.fullWidth * a.fullHeight <= b.fullWidth * b.fullHeight ? [a, b] : [b, a];
  const [x, y] = [large.fullWidth / small.fullWidth, large.fullHeight / small.fullHeight];
  return Math.abs(small.fullWidth * y - large.fullWidth) <= y && Math.abs(small.fullHeight * x - large.fullHeight) <= x;
}

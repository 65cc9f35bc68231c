/** Screen pixels per pixel of the image; `fit`: all of it is seen, and it is not enlarged. */
export type Zoom = number | "fit";

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** One press of a key, or one step of a wheel. */
const STEP = 1.25;
const LEAST = 1 / 64;
const MOST = 64;

/** Screen pixels per pixel of the image. */
export function scaleOf(zoom: Zoom, image: Extent, room: Extent): number {
  if (zoom !== "fit") return zoom;
  return Math.min(1, room.width / image.width, room.height / image.height);
}

/** The next zoom, in or out. */
export function stepped(scale: number, direction: 1 | -1): number {
  const next = scale * STEP ** direction;
  // Where a step would pass the actual size, it stops there.
  const passes = (scale < 1 && next > 1) || (scale > 1 && next < 1);
  return passes ? 1 : Math.min(MOST, Math.max(LEAST, next));
}

/** The longest side in pixels in which an image is asked for, to be sharp at a scale on a dense display. */
export function wantedSize(image: Extent, scale: number, density: number, largest: number): number {
  const long = Math.max(image.width, image.height);
  return Math.max(16, Math.min(largest, long, Math.ceil(long * scale * density)));
}

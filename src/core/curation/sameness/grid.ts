import type { SeenPicture } from "./seen.ts";

/** A picture that is drawn of squares has at least so many of them along its shorter side. */
const LEAST = 4;

/**
 * A picture that is another one enlarged by a whole factor, pixel by pixel (sprites, codes of squares), as that one; any other as
 * it is. There one pixel is as much of a picture as a stroke is elsewhere, so two of them are compared at the size they were drawn in.
 */
export function asDrawn(seen: SeenPicture): SeenPicture {
  const { width, height } = seen;
  // What was made smaller to be compared is not pixel by pixel any more.
  if (width !== seen.fullWidth || height !== seen.fullHeight) return seen;
  const factor = factorOf(seen);
  if (factor === 1) return seen;
  const [across, down] = [width / factor, height / factor];
  const pixels = new Uint8Array(across * down * 4);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const at = 4 * factor * (y * width + x);
      pixels.set(seen.pixels.subarray(at, at + 4), 4 * (y * across + x));
    }
  }
  return { ...seen, width: across, height: down, fullWidth: across, fullHeight: down, pixels };
}

/** The largest number of pixels whose squares have one colour each. */
function factorOf({ width, height, pixels }: SeenPicture): number {
  const colours = new Uint32Array(pixels.buffer.slice(pixels.byteOffset, pixels.byteOffset + pixels.byteLength));
  // Colours change only where squares meet: at multiples of what all changes have in common.
  let common = greatest(width, height);
  for (let i = 0; i < colours.length && common > 1; i++) {
    const x = i % width;
    if (x > 0 && x % common !== 0 && colours[i] !== colours[i - 1]) common = greatest(common, x);
    const y = (i - x) / width;
    if (y > 0 && y % common !== 0 && colours[i] !== colours[i - width]) common = greatest(common, y);
  }
  return Math.min(width, height) / common < LEAST ? 1 : common;
}

function greatest(a: number, b: number): number {
  return b === 0 ? a : greatest(b, a % b);
}

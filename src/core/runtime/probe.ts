import { type Climb, climbBatch } from "./batch.ts";
import type { ModelSession } from "./modelSession.ts";

/** Largest difference of an output to the CPU's: branches have norm 1, and float32 sums in another order differ by far less. */
export const TOLERANCE = 1e-3;

/** Images that every device has to agree on. */
export interface ProbeImages {
  /** uint8 `[count, height, width, 3]`. */
  readonly pixels: Uint8Array;
  readonly count: number;
}

/** Two different pictures of stripes, gradients and noise: something for every part of a network, the same on every machine. */
export function probeImages({ width, height }: { readonly width: number; readonly height: number }): ProbeImages {
  const count = 2;
  const pixels = new Uint8Array(count * height * width * 3);
  let noise = 1;
  for (let n = 0, i = 0; n < count; n++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        noise = (Math.imul(noise, 1103515245) + 12345) >>> 0;
        pixels[i++] = (255 * x) / width;
        pixels[i++] = (x + (n + 1) * y) % 32 < 16 ? 220 : 30;
        pixels[i++] = noise >>> 24;
      }
    }
  }
  return { pixels, count };
}

/**
 * Runs the probe images on a device, compares with the CPU, and finds its batch and speed.
 * @param reference what the CPU gives for the images
 * @throws where the device fails, or its outputs differ
 */
export async function proveSession(
  session: ModelSession,
  device: string,
  images: ProbeImages,
  reference: Float32Array,
  now?: () => number,
): Promise<Climb> {
  const rows = await session.run(images.pixels, images.count);
  const worst = largestDifference(rows, reference);
  if (!(worst <= TOLERANCE)) {
    throw new Error(
      `its outputs differ from the CPU's by ${worst.toPrecision(2)}, and at most ${TOLERANCE} is accepted`,
    );
  }
  return climbBatch(session, firstImage(images), device, now);
}

/** One of the images, uint8 `[height, width, 3]`. */
export function firstImage({ pixels, count }: ProbeImages): Uint8Array {
  return pixels.subarray(0, pixels.length / count);
}

/** NaN where a value is NaN on either side, or the lengths differ. */
function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.NaN;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(difference)) return Number.NaN;
    worst = Math.max(worst, difference);
  }
  return worst;
}

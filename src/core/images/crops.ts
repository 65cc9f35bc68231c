import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import type { InputSpec } from "../../shared/index.ts";
import { decodeForModel } from "./decode.ts";
import { resizedInput } from "./fit.ts";

export interface CropOptions {
  /** Side in pixels to which the image is brought, by the input's rule, before it is cropped, at least the input's. */
  readonly resize: number;
  /** Whether half of the crops are mirrored left to right. */
  readonly flip: boolean;
}

/**
 * Reads an image file once and makes training inputs of it: brought to a square of `resize` pixels, from which crops of
 * the input's size are taken at random, half of them mirrored (252 and 224 pixels in the common recipe for these data sets).
 * @param random where the randomness comes from; the same state gives the same crops
 * @returns uint8 RGB `[height, width, 3]` each
 * @throws ImageError with the reason in plain words
 */
export async function decodeCrops(
  file: string,
  input: InputSpec,
  count: number,
  { resize, flip }: CropOptions,
  random: RandomGenerator,
): Promise<Uint8Array[]> {
  const { width, height } = input;
  const [across, down] = [Math.max(resize, width), Math.max(resize, height)];
  const { pixels } = await decodeForModel(file, resizedInput(input, across, down));
  return Array.from({ length: count }, () => {
    const left = Math.floor(uniformFloat32(random) * (across - width + 1));
    const top = Math.floor(uniformFloat32(random) * (down - height + 1));
    const mirrored = uniformFloat32(random) < 0.5 && flip;
    const crop = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      const start = ((top + y) * across + left) * 3;
      const row = pixels.subarray(start, start + width * 3);
      if (mirrored) copyMirrored(row, crop, y * width * 3);
      else crop.set(row, y * width * 3);
    }
    return crop;
  });
}

function copyMirrored(row: Uint8Array, target: Uint8Array, offset: number): void {
  for (let x = 0; x < row.length; x += 3) {
    const from = row.length - 3 - x;
    target[offset + x] = row[from]!;
    target[offset + x + 1] = row[from + 1]!;
    target[offset + x + 2] = row[from + 2]!;
  }
}

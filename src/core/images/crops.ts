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
  const whole = uncropped(input, resize);
  const across = whole.width;
  const { pixels } = await decodeForModel(file, whole);
  return Array.from({ length: count }, () => {
    const { left, top, mirrored } = placeCrop(whole, input, flip, random);
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

/** The input that crops are taken from: a square of `resize` pixels, at least the input's size. */
export function uncropped(input: InputSpec, resize: number): InputSpec {
  return resizedInput(input, Math.max(resize, input.width), Math.max(resize, input.height));
}

/** Where a crop lies in the picture that it is taken from, in pixels. */
export interface CropPlace {
  readonly left: number;
  readonly top: number;
  /** Left to right. */
  readonly mirrored: boolean;
}

/** Chooses a crop of the input's size. @param random the same state gives the same crop */
export function placeCrop(
  whole: Pick<InputSpec, "width" | "height">,
  { width, height }: Pick<InputSpec, "width" | "height">,
  flip: boolean,
  random: RandomGenerator,
): CropPlace {
  const left = Math.floor(uniformFloat32(random) * (whole.width - width + 1));
  const top = Math.floor(uniformFloat32(random) * (whole.height - height + 1));
  return { left, top, mirrored: uniformFloat32(random) < 0.5 && flip };
}

function copyMirrored(row: Uint8Array, target: Uint8Array, offset: number): void {
  for (let x = 0; x < row.length; x += 3) {
    const from = row.length - 3 - x;
    target[offset + x] = row[from]!;
    target[offset + x + 1] = row[from + 1]!;
    target[offset + x + 2] = row[from + 2]!;
  }
}

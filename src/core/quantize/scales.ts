import type { Range } from "./calibrate.ts";

/** value = (byte - zero) * scale, as QuantizeLinear and DequantizeLinear define it. */
export interface Scale {
  readonly scale: number;
  readonly zero: number;
}

/** A smaller scale would not survive being multiplied as float32; what it would scale is nothing. */
const LEAST_ACTIVATION_SCALE = 1e-20;

/** uint8 over a range. Zero is always in it and has a byte of its own, so that padding is exact. */
export function activationScale({ min, max }: Range): Scale {
  const low = Math.min(min, 0);
  const high = Math.max(max, 0);
  const scale = Math.fround((high - low) / 255);
  // A tensor that was zero on every image.
  if (scale < LEAST_ACTIVATION_SCALE) return { scale: 1, zero: 0 };
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-low / scale))) };
}

import { crc32 } from "node:zlib";
import { Float16Array as SubstituteArray } from "@petamoriken/float16";

type Half = new (values: Float32Array) => { readonly buffer: ArrayBuffer };

/** V8's own where it has one, which takes a fifth of the time. Both round to the nearest, ties to even. */
const Float16Array = (globalThis as { readonly Float16Array?: Half }).Float16Array ?? SubstituteArray;

/** The value of each of the 65,536 float16 bit patterns: reading through it is one look-up, whatever Node runs this. */
const VALUES = Float32Array.from(new SubstituteArray(Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits).buffer));

/** Rounds to float16, little endian: 2 bytes a value. */
export function toFloat16(values: Float32Array): Buffer {
  return Buffer.from(new Float16Array(values).buffer);
}

/** Reads float16 bytes into `target`, which sets how many values are read. */
export function fromFloat16(bytes: Uint8Array, target: Float32Array): void {
  if (bytes.byteLength !== 2 * target.length) {
    throw new RangeError(`${bytes.byteLength} bytes of float16 for ${target.length} values`);
  }
  for (let i = 0; i < target.length; i++) target[i] = VALUES[bytes[2 * i]! | (bytes[2 * i + 1]! << 8)]!;
}

/**
 * Whether stored float16 bytes are what was written: of so many values, with the right checksum or, without one, finite.
 * @param crc CRC-32; null where none was kept
 */
export function isWhole(bytes: Uint8Array, crc: number | null, dim: number): boolean {
  if (bytes.byteLength !== 2 * dim) return false;
  // What has a checksum was looked at before it was written.
  return crc === null ? areFinite(bytes) : crc32(bytes) === crc;
}

/** Whether no value of float16 bytes is infinite, or no number: has all bits of the exponent. */
export function areFinite(bytes: Uint8Array): boolean {
  for (let i = 1; i < bytes.length; i += 2) if ((bytes[i]! & 0x7c) === 0x7c) return false;
  return true;
}

/** Rounds values, in their place, to what comes back from the store. */
export function roundToFloat16(values: Float32Array): void {
  fromFloat16(toFloat16(values), values);
}

import { Float16Array } from "@petamoriken/float16";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromFloat16, toFloat16 } from "../../../src/core/index/float16.ts";

test("a round trip keeps values of embeddings to half a unit in the last place", () => {
  fc.assert(
    fc.property(fc.float32Array({ min: -1, max: 1, noNaN: true, minLength: 1, maxLength: 64 }), (values) => {
      const back = new Float32Array(values.length);
      fromFloat16(toFloat16(values), back);
      for (const [i, value] of values.entries()) {
        // 11 significant bits; below 2^-14 the steps are 2^-24 wide.
        expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25));
      }
    }),
  );
});

test("known bit patterns", () => {
  const back = new Float32Array(4);
  fromFloat16(Uint8Array.of(0x00, 0x3c, 0x00, 0xc0, 0x55, 0x35, 0x01, 0x00), back);
  expect([...back]).toEqual([1, -2, 0.333251953125, 2 ** -24]);
});

test("refuses a blob of another length", () => {
  expect(() => fromFloat16(new Uint8Array(6), new Float32Array(4))).toThrow(/6 bytes of float16 for 4 values/);
});

test("writes the same bits whether or not V8 has an array of float16", () => {
  // Between two neighbours, and exactly in the middle of them, where the even one counts.
  const middles = Float32Array.from({ length: 1 << 12 }, (_, i) => (1 + (i / 2) * 2 ** -10) * 2 ** ((i % 40) - 26));
  const ofLibrary = (values: Float32Array) => Buffer.from(new Float16Array(values).buffer);
  expect(toFloat16(middles)).toEqual(ofLibrary(middles));
  fc.assert(
    fc.property(fc.float32Array({ noNaN: true, minLength: 1, maxLength: 64 }), (values) => {
      expect(toFloat16(values)).toEqual(ofLibrary(values));
    }),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { activationScale, weightScales } from "../../../src/core/quantize/scales.ts";

const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const float = fc.float({ min: -8, max: 8, noNaN: true });

test("an activation in its range comes back within a step, and zero exactly", () => {
  fc.assert(
    fc.property(fc.tuple(value, value), fc.double({ min: 0, max: 1, noNaN: true }), ([a, b], at) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      const { scale, zero } = activationScale({ min, max });
      const round = (x: number) => (Math.min(255, Math.max(0, Math.round(x / scale) + zero)) - zero) * scale;
      expect(Number.isInteger(zero) && zero >= 0 && zero <= 255).toBe(true);
      expect(round(0)).toBe(0);
      const x = min + at * (max - min);
      // The zero point is rounded too, which moves the range by up to half a step.
      if (max - min > 1e-15) expect(Math.abs(round(x) - x)).toBeLessThanOrEqual(1.001 * scale);
    }),
  );
});

test("weights come back within half a step of their channel, and biases of their sum's", () => {
  const filters = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 })).chain(([channels, size]) =>
    fc.record({
      channels: fc.constant(channels),
      size: fc.constant(size),
      values: fc.float32Array({ minLength: channels * size, maxLength: channels * size, min: -8, max: 8, noNaN: true }),
      bias: fc.array(float, { minLength: channels, maxLength: channels }),
    }),
  );
  fc.assert(
    fc.property(filters, ({ channels, size, values, bias }) => {
      const weights = { values, dims: [channels, size, 1, 1] };
      const offsets = { values: Float32Array.from(bias), dims: [channels] };
      const result = weightScales(weights, offsets, 0.02);
      for (let c = 0; c < channels; c++) {
        for (let i = c * size; i < (c + 1) * size; i++) {
          expect(Math.abs(result.values[i]!)).toBeLessThanOrEqual(127);
          expect(Math.abs(result.values[i]! * result.scale[c]! - values[i]!)).toBeLessThanOrEqual(
            0.501 * result.scale[c]!,
          );
        }
        const whole = result.biasValues![c]!;
        expect(Math.abs(whole)).toBeLessThanOrEqual(2 ** 30 * 1.001);
        expect(Math.abs(whole * result.biasScale[c]! - offsets.values[c]!)).toBeLessThanOrEqual(
          0.501 * result.biasScale[c]! + 1e-6,
        );
      }
    }),
  );
});

test("a tensor that was never anything but zero, and a dead channel, have a scale", () => {
  expect(activationScale({ min: 0, max: 0 })).toEqual({ scale: 1, zero: 0 });
  const dead = { values: new Float32Array(4), dims: [2, 2, 1, 1] };
  const { scale, values, biasScale } = weightScales(dead, undefined, 1e-20);
  expect([...values]).toEqual([0, 0, 0, 0]);
  for (const x of [...scale, ...biasScale]) expect(x).toBeGreaterThan(1e-37);
});

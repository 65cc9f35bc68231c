import fc from "fast-check";
import { expect, test } from "vitest";
import { activationScale } from "../../../src/core/quantize/scales.ts";
import { weightScales } from "../../../src/core/quantize/weightScales.ts";

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

/** Greatest sum of two weights of one sign that are multiplied side by side: by kernel place, then by input. */
function greatestPair(values: Int8Array, [channels, inputs, height, width]: readonly number[]): number {
  let most = 0;
  const size = inputs! * height! * width!;
  for (let c = 0; c < channels!; c++) {
    const order: number[] = [];
    for (let place = 0; place < height! * width!; place++) {
      for (let input = 0; input < inputs!; input++) order.push(values[c * size + input * height! * width! + place]!);
    }
    for (let k = 0; k + 1 < order.length; k += 2) {
      const [a, b] = [order[k]!, order[k + 1]!];
      most = Math.max(most, a * b > 0 ? Math.abs(a + b) : Math.abs(a), Math.abs(b));
    }
  }
  return most;
}

test("no two neighbours of one sign saturate 16 bits, whatever the weights; without neighbours all of a byte is used", () => {
  const shapes = fc.constantFrom<number[][]>([3, 4, 1, 1], [2, 3, 3, 3], [4, 2, 1, 3], [1, 5, 2, 2]);
  const filters = shapes.chain((dims) => {
    const count = dims.reduce((product, n) => product * n, 1);
    return fc.record({
      dims: fc.constant(dims),
      values: fc.float32Array({ minLength: count, maxLength: count, min: -8, max: 8, noNaN: true }),
    });
  });
  fc.assert(
    fc.property(filters, ({ dims, values }) => {
      expect(greatestPair(weightScales({ values, dims }, undefined, 0.02).values, dims)).toBeLessThanOrEqual(128);
    }),
  );
  // On no grid: 18 different values near each other.
  const near = Float32Array.from({ length: 18 }, (_, i) => 0.7 + 0.001 * Math.sin(i * i));
  const whole = weightScales({ values: near, dims: [1, 2, 3, 3] }, undefined, 0.02).values;
  expect(greatestPair(whole, [1, 2, 3, 3])).toBeGreaterThan(125);
  expect(Math.max(...weightScales({ values: near, dims: [2, 1, 3, 3] }, undefined, 0.02, 2).values)).toBe(127);
});

test("weights that came as bytes keep their grid: nothing is lost where a channel leaves room", () => {
  const step = 0.0131;
  // Two channels of four inputs; the second has a pair that is too much for its grid.
  const steps = [90, -3, 12, 40, 120, 110, 1, -127];
  const values = Float32Array.from(steps, (n) => n * step);
  const made = weightScales({ values, dims: [2, 4, 1, 1] }, undefined, 0.02);
  expect([...made.values.subarray(0, 4)]).toEqual(steps.slice(0, 4));
  expect(made.scale[0]).toBeCloseTo(step, 6);
  expect(made.scale[1]).toBeGreaterThan(step);
  expect(greatestPair(made.values, [2, 4, 1, 1])).toBeLessThanOrEqual(128);
});

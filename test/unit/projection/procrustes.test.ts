import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "../../../src/core/neighbours/random.ts";
import { align } from "../../../src/core/projection/procrustes.ts";

function map(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: 2 * count }, () => 20 * random.unit() - 10);
}

function transformed(points: Float32Array, angle: number, scale: number, mirror: boolean, dx: number, dy: number) {
  return points.map((_, i) => {
    const x = points[i - (i % 2)]!;
    const y = (mirror ? -1 : 1) * points[i - (i % 2) + 1]!;
    return i % 2 === 0
      ? scale * (Math.cos(angle) * x - Math.sin(angle) * y) + dx
      : scale * (Math.sin(angle) * x + Math.cos(angle) * y) + dy;
  });
}

test("undoes any rotation, reflection, scaling and move", () => {
  const target = map(50, 1);
  const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
  const scale = fc.double({ min: 0.1, max: 10, noNaN: true });
  const shift = fc.double({ min: -30, max: 30, noNaN: true });
  fc.assert(
    fc.property(angle, scale, fc.boolean(), shift, shift, (...change) => {
      const { points, residual } = align(transformed(target, ...change), target);
      expect(residual).toBeLessThan(1e-6);
      for (const [i, value] of points.entries()) expect(value).toBeCloseTo(target[i]!, 3);
    }),
    { numRuns: 50 },
  );
});

test("no rotation or reflection of a grid fits better, and unrelated maps leave nearly all", () => {
  const points = map(200, 1);
  const target = map(200, 2);
  const distance = (a: Float32Array) => a.reduce((sum, value, i) => sum + (value - target[i]!) ** 2, 0);
  const aligned = align(points, target);
  expect(aligned.residual).toBeGreaterThan(0.9);
  expect(aligned.residual).toBeLessThanOrEqual(1);
  const centre = (a: Float32Array, axis: number) =>
    a.reduce((sum, value, i) => sum + (i % 2 === axis ? value : 0), 0) / 200;
  for (let step = 0; step < 72; step++) {
    for (const mirror of [false, true]) {
      const turned = transformed(
        aligned.points.map((v, i) => v - centre(aligned.points, i % 2)),
        (step * Math.PI) / 36,
        1,
        mirror,
        centre(target, 0),
        centre(target, 1),
      );
      expect(distance(aligned.points)).toBeLessThanOrEqual(distance(turned) * (1 + 1e-5));
    }
  }
});

test("a map of one place, or of nothing, is left as it is", () => {
  const same = new Float32Array(10).fill(3);
  expect(align(same, same)).toEqual({ points: same, residual: 0 });
  expect(align(same, map(5, 1))).toEqual({ points: same, residual: 1 });
  expect(align(new Float32Array(), new Float32Array())).toEqual({ points: new Float32Array(), residual: 0 });
});

import { expect, test } from "vitest";
import { wilson } from "../../../src/shared/index.ts";

const Z = 1.959963984540054;

test.each([
  [0.5, 10],
  [0.85, 40],
  [0.95, 40],
  [0.998, 5000],
])("the bounds of %d of %d are where the share is as unlikely as 5 percent", (share, n) => {
  const [low, high] = wilson(share, n);
  // What defines the interval: (share - p)^2 = z^2 p (1 - p) / n at both ends.
  for (const p of [low, high]) expect((share - p) ** 2).toBeCloseTo((Z * Z * p * (1 - p)) / n, 12);
  expect(low).toBeLessThan(share);
  expect(high).toBeGreaterThan(share);
});

test("all and none keep a width", () => {
  expect(wilson(1, 40)[1]).toBe(1);
  expect(wilson(1, 40)[0]).toBeCloseTo(40 / (40 + Z * Z), 12);
  expect(wilson(0, 40)[0]).toBe(0);
  expect(wilson(0, 40)[1]).toBeCloseTo((Z * Z) / (40 + Z * Z), 12);
});

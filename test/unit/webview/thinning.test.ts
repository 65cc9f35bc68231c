import fc from "fast-check";
import { expect, test } from "vitest";
import { drawnOf, nextShare, stepOf } from "../../../webview-ui/plot/thinning.ts";

test("steps reach every row once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), (count) => {
      const step = stepOf(count);
      expect(new Set(Array.from({ length: count }, (_, i) => (i * step) % count)).size).toBe(count);
    }),
  );
  expect(stepOf(0)).toBe(1);
});

test("the first rows of any number come from everywhere: each tenth of the rows has about a tenth of them", () => {
  for (const count of [5_000, 100_000, 999_983]) {
    const step = stepOf(count);
    for (const first of [1_000, 4_321]) {
      const tenths = new Array<number>(10).fill(0);
      for (let i = 0; i < first; i++) tenths[Math.floor((10 * ((i * step) % count)) / count)]!++;
      for (const many of tenths) expect(Math.abs(many - first / 10)).toBeLessThan(5);
    }
  }
});

test("late frames thin the points out until they come in time, and all are back when there is time for them", () => {
  const count = 1_000_000;
  const fixed = 12;
  const tookFor = (share: number, perPoint: number) => fixed + perPoint * drawnOf(count, share);
  let share = 1;
  for (let frame = 0; frame < 30; frame++) share = nextShare(share, tookFor(share, 6e-4), count);
  expect(tookFor(share, 6e-4)).toBeLessThan(50);
  expect(share).toBeGreaterThan(0.03);
  for (let frame = 0; frame < 30; frame++) share = nextShare(share, tookFor(share, 1e-6), count);
  expect(share).toBe(1);
});

test("few points are drawn always, and of many never none", () => {
  expect(drawnOf(3_000, 0)).toBe(3_000);
  expect(drawnOf(1_000_000, 0)).toBe(5_000);
  expect(drawnOf(1_000_000, 0.5)).toBe(500_000);
  let share = 1;
  for (let frame = 0; frame < 50; frame++) share = nextShare(share, 5_000, 1_000_000);
  expect(drawnOf(1_000_000, share)).toBe(5_000);
  expect(nextShare(1, 5_000, 100)).toBe(1);
});

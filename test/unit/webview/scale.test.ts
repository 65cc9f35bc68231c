import fc from "fast-check";
import { expect, test } from "vitest";
import { spread, ticks } from "../../../webview-ui/training/scale.ts";

test("ticks are round, within the axis, and few", () => {
  expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticks(0.278, 0.468, 4)).toEqual([0.3, 0.35, 0.4, 0.45]);
  expect(ticks(0, 320, 4)).toEqual([0, 100, 200, 300]);
  expect(ticks(2, 2, 4)).toEqual([2]);
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.integer({ min: 1, max: 12 }),
      (low, range, most) => {
        const values = ticks(low, low + range, most);
        expect(values.length).toBeLessThanOrEqual(most + 2);
        for (const value of values) {
          expect(value).toBeGreaterThanOrEqual(low - range * 1e-6);
          expect(value).toBeLessThanOrEqual(low + range * (1 + 1e-6));
        }
      },
    ),
  );
});

test("labels keep their order and do not overlap, and stay where there is room", () => {
  expect(spread([10, 50, 90], 12, 0, 100)).toEqual([10, 50, 90]);
  expect(spread([50, 50, 50], 10, 0, 100)).toEqual([50, 60, 70]);
  expect(spread([98, 10, 97], 10, 0, 100)).toEqual([100, 10, 90]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 9 }), (wanted) => {
      const placed = spread(wanted, 13, 0, 200).sort((a, b) => a - b);
      for (let i = 1; i < placed.length; i++) expect(placed[i]! - placed[i - 1]!).toBeGreaterThanOrEqual(13 - 1e-6);
      for (const place of placed) expect(place >= 0 && place <= 200).toBe(true);
    }),
  );
});

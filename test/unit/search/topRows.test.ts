import fc from "fast-check";
import { expect, test } from "vitest";
import { topRows } from "../../../src/core/search/topRows.ts";

test("gives what sorting everything gives, for any scores, lengths and masks", () => {
  // Few different scores, so that equal ones are common.
  const score = fc.integer({ min: -4, max: 4 }).map((value) => value / 4);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(score, fc.boolean()), { maxLength: 60 }),
      fc.integer({ min: 1, max: 70 }),
      fc.boolean(),
      (rows, k, masked) => {
        const scores = Float32Array.from(rows, ([value]) => value);
        const allowed = Uint8Array.from(rows, ([, may]) => Number(may));
        const expected = rows
          .map(([value, may], row) => ({ value, may, row }))
          .filter(({ may }) => may || !masked)
          .sort((a, b) => b.value - a.value || a.row - b.row)
          .slice(0, k)
          .map(({ row }) => row);
        expect(topRows(scores, k, masked ? allowed : undefined)).toEqual(expected);
      },
    ),
  );
});

test("a score that is no number is never among the best", () => {
  expect(topRows(Float32Array.of(0.5, Number.NaN, -1, 0.7), 4)).toEqual([3, 0, 2]);
});

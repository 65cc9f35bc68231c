import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boxBetween,
  fractionAt,
  keyed,
  letterbox,
  moved,
  oppositeCorner,
  resized,
} from "../../../webview-ui/similar/box.ts";
import { cellAt, cellByKey, cellRect, mappedPart } from "../../../webview-ui/similar/cells.ts";
import { linkSeats } from "../../../webview-ui/similar/links.ts";
import { rowsInSight, rowWindow } from "../../../webview-ui/similar/navigation.ts";

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const box = fc
  .tuple(fraction, fraction, fraction, fraction)
  .map(([a, b, c, d]) => boxBetween({ x: a, y: b }, { x: c, y: d }))
  .filter((each) => each !== null);

describe("a region", () => {
  test("stays inside the image however it is moved or resized", () => {
    const step = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(box, step, step, (given, dx, dy) => {
        for (const { x, y, width, height } of [moved(given, dx, dy), resized(given, dx, dy)]) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(Math.min(width, height)).toBeGreaterThan(0);
          expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });

  test("that is a click and no drag is none", () => {
    expect(boxBetween({ x: 0.5, y: 0.5 }, { x: 0.505, y: 0.9 })).toBeNull();
    const drawn = boxBetween({ x: 0.6, y: 0.7 }, { x: 0.2, y: 0.1 })!;
    expect(drawn).toMatchObject({ x: 0.2, y: 0.1 });
    expect([drawn.width, drawn.height].map((side) => side.toFixed(6))).toEqual(["0.400000", "0.600000"]);
  });

  test("is drawn, moved, resized and cleared by keys", () => {
    const first = keyed("Enter", false, null)!;
    expect(first).toEqual({ x: 0.25, y: 0.25, width: 0.5, height: 0.5 });
    expect(keyed("ArrowLeft", false, first)).toMatchObject({ x: 0.23, width: 0.5 });
    expect(keyed("ArrowLeft", true, first)).toMatchObject({ x: 0.25, width: 0.48 });
    expect(keyed("Escape", false, first)).toBeNull();
    expect(keyed("Escape", false, null)).toBeUndefined();
    expect(keyed("a", false, first)).toBeUndefined();
  });

  test("is held by the opposite corner while one is dragged", () => {
    const given = { x: 0.2, y: 0.3, width: 0.4, height: 0.2 };
    expect(oppositeCorner(given, { x: 0.61, y: 0.49 }, 0.02, 0.02)).toEqual({ x: 0.2, y: 0.3 });
    expect(oppositeCorner(given, { x: 0.4, y: 0.4 }, 0.02, 0.02)).toBeUndefined();
  });

  test("lies on the picture that is letterboxed in its frame", () => {
    const image = letterbox({ width: 200, height: 100 }, { width: 50, height: 50 });
    expect(image).toEqual({ x: 50, y: 0, width: 100, height: 100 });
    expect(fractionAt({ x: 75, y: 50 }, image)).toEqual({ x: 0.25, y: 0.5 });
    expect(fractionAt({ x: 0, y: 500 }, image)).toEqual({ x: 0, y: 1 });
  });
});

describe("the positions of a map", () => {
  const map = { width: 4, height: 3, map: new Float32Array(12), constant: 0 };
  const part = mappedPart({ x: 10, y: 20, width: 100, height: 60 }, { x: 0.5, y: 0.5, width: 0.5, height: 0.5 });

  test("lie in the region only", () => {
    expect(part).toEqual({ x: 60, y: 50, width: 50, height: 30 });
    expect(cellAt({ x: 59, y: 60 }, part, map)).toBeNull();
    expect(cellAt({ x: 61, y: 51 }, part, map)).toBe(0);
    expect(cellAt({ x: 109, y: 79 }, part, map)).toBe(11);
  });

  test("are found again in the middle of where they are drawn", () => {
    for (let cell = 0; cell < 12; cell++) {
      const { x, y, width, height } = cellRect(cell, part, map);
      expect(cellAt({ x: x + width / 2, y: y + height / 2 }, part, map)).toBe(cell);
    }
  });

  test("are walked by arrows", () => {
    expect(cellByKey("ArrowDown", null, map)).toBe(6);
    expect(cellByKey("ArrowRight", 3, map)).toBe(3);
    expect(cellByKey("ArrowDown", 3, map)).toBe(7);
    expect(cellByKey("Enter", 3, map)).toBeUndefined();
  });
});

describe("rows that are drawn", () => {
  test("cover what is in sight, and are few however long the list is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -500, max: 250_000 }),
        fc.integer({ min: 100, max: 2000 }),
        fc.integer({ min: 1, max: 2000 }),
        (top, height, rows) => {
          const { first, last } = rowWindow(top, height, 100, rows);
          for (
            let row = Math.max(0, Math.floor(top / 100));
            row < Math.min(rows, Math.ceil((top + height) / 100));
            row++
          ) {
            expect(row >= first && row < last).toBe(true);
          }
          expect(last).toBeLessThanOrEqual(rows);
          expect(last - first).toBeLessThanOrEqual(Math.ceil(height / 100) + 101);
        },
      ),
    );
  });

  test("are at first those in sight alone", () => {
    expect(rowsInSight(750, 100, 2000)).toEqual({ first: 0, last: 8 });
    expect(rowsInSight(700, 100, 2000)).toEqual({ first: 0, last: 7 });
    expect(rowsInSight(750, 100, 4)).toEqual({ first: 0, last: 4 });
    expect(rowsInSight(750, 100, 0)).toEqual({ first: 0, last: 0 });
    // All of the window is taken by what stands above: the height of a row is measured on one.
    expect(rowsInSight(-20, 100, 2000)).toEqual({ first: 0, last: 1 });
  });

  test("are the same for most small movements", () => {
    const windows = Array.from({ length: 100 }, (_, i) => JSON.stringify(rowWindow(20_000 + 10 * i, 800, 100, 2000)));
    expect(new Set(windows).size).toBeLessThanOrEqual(3);
  });
});

test("lines run from list to list, and to the edge where a card is out of sight", () => {
  const seat = (column: number, rank: number, y: number | null) => ({
    column,
    rank,
    left: 100 * column,
    right: 100 * column + 90,
    y,
  });
  const { links, pointers } = linkSeats([seat(0, 2, 150), seat(1, 212, null), seat(3, 1, -40)], 500, 2);
  expect(links).toEqual([
    { x1: 90, y1: 150, x2: 145, y2: 488 },
    { x1: 145, y1: 488, x2: 345, y2: 12 },
  ]);
  expect(pointers).toEqual([
    { column: 1, rank: 212, x: 145, edge: "bottom" },
    { column: 3, rank: 1, x: 345, edge: "top" },
  ]);
});

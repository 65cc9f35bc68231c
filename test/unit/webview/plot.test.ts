import fc from "fast-check";
import { expect, test } from "vitest";
import { DIRECTIONS, nextTowards, PointIndex } from "../../../webview-ui/plot/picking.ts";
import { fitView, pan, toData, toScreen, zoomAt } from "../../../webview-ui/plot/view.ts";

const size = { width: 400, height: 300 };
const coordinate = fc.float({ min: -100, max: 100, noNaN: true });
const cloud = fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 60 });
const packed = (points: readonly (readonly [number, number])[]) => new Float32Array(points.flat());
const view = fc.record({ x: coordinate, y: coordinate, scale: fc.double({ min: 0.1, max: 100, noNaN: true }) });
const pixel = fc.record({ x: fc.integer({ min: 0, max: 400 }), y: fc.integer({ min: 0, max: 300 }) });

test("a place on the screen is the same place after a way through the data, and y grows upwards there", () => {
  fc.assert(
    fc.property(view, pixel, (seen, at) => {
      const back = toScreen(seen, size, toData(seen, size, at));
      expect(back.x).toBeCloseTo(at.x, 4);
      expect(back.y).toBeCloseTo(at.y, 4);
    }),
  );
  const seen = { x: 0, y: 0, scale: 10 };
  expect(toScreen(seen, size, { x: 1, y: 1 })).toEqual({ x: 210, y: 140 });
});

test("zooming keeps what is under the pointer there; panning moves everything along with it", () => {
  fc.assert(
    fc.property(view, pixel, fc.double({ min: 0.2, max: 5, noNaN: true }), (seen, at, factor) => {
      const under = toData(seen, size, at);
      const zoomed = zoomAt(seen, size, at, factor);
      expect(zoomed.scale / seen.scale).toBeCloseTo(factor, 6);
      expect(toScreen(zoomed, size, under).x).toBeCloseTo(at.x, 3);
      expect(toScreen(zoomed, size, under).y).toBeCloseTo(at.y, 3);
      const moved = toScreen(pan(seen, 30, -20), size, under);
      expect(moved.x).toBeCloseTo(at.x + 30, 3);
      expect(moved.y).toBeCloseTo(at.y - 20, 3);
    }),
  );
});

test("a fitted view shows every point within its margin and touches it; points without a place change nothing", () => {
  fc.assert(
    fc.property(cloud, (points) => {
      const seen = fitView(packed([...points, [Number.NaN, 3], [0, Number.NaN]]), size, 20);
      const places = points.map(([x, y]) => toScreen(seen, size, { x, y }));
      for (const { x, y } of places) {
        expect(x).toBeGreaterThanOrEqual(19.9);
        expect(x).toBeLessThanOrEqual(380.1);
        expect(y).toBeGreaterThanOrEqual(19.9);
        expect(y).toBeLessThanOrEqual(280.1);
      }
    }),
  );
  const wide = fitView(new Float32Array([0, 0, 10, 1]), size, 20);
  expect(toScreen(wide, size, { x: 0, y: 0 }).x).toBeCloseTo(20);
  expect(toScreen(wide, size, { x: 10, y: 1 }).x).toBeCloseTo(380);
});

test("a view of nothing, of one point, and of points at one place, is finite", () => {
  for (const points of [[], [Number.NaN, 1], [3, 4], [3, 4, 3, 4]]) {
    const { x, y, scale } = fitView(new Float32Array(points), size, 20);
    expect([x, y, scale].every(Number.isFinite), `${points}`).toBe(true);
  }
  expect(fitView(new Float32Array([3, 4, 3, 4]), size, 20)).toMatchObject({ x: 3, y: 4 });
});

test("picking finds what a search through all points finds", () => {
  fc.assert(
    fc.property(cloud, coordinate, coordinate, fc.double({ min: 0, max: 50, noNaN: true }), (points, x, y, radius) => {
      const array = packed(points);
      const distance = (row: number) => Math.hypot(array[2 * row]! - x, array[2 * row + 1]! - y);
      const within = points.map((_, row) => row).filter((row) => distance(row) ** 2 <= radius ** 2);
      const found = new PointIndex(array).nearest({ x, y }, radius);
      if (within.length === 0) expect(found).toBeUndefined();
      else expect(distance(found!)).toBe(Math.min(...within.map(distance)));
    }),
  );
});

test("a point without a place is never found, and rows stay those of the points", () => {
  const index = new PointIndex(new Float32Array([Number.NaN, 0, 5, 5, 0, Number.POSITIVE_INFINITY, 1, 1]));
  expect(index.nearest({ x: 0, y: 0 }, 100)).toBe(3);
  expect(index.nearest({ x: 6, y: 6 }, 3)).toBe(1);
  const all = [-9, 9].flatMap((x) => (x < 0 ? [-9, 9] : [9, -9]).map((y) => ({ x, y })));
  expect(index.inside(all)).toEqual([1, 3]);
});

test("a lasso holds what lies inside of it, also where it has a bay", () => {
  // A U: the bay between its arms is outside.
  const shape = [
    [0, 0],
    [10, 0],
    [10, 10],
    [7, 10],
    [7, 3],
    [3, 3],
    [3, 10],
    [0, 10],
  ].map(([x, y]) => ({ x: x!, y: y! }));
  const points = packed([
    [1, 9],
    [5, 8],
    [9, 9],
    [5, 1],
    [11, 1],
    [-1, 5],
  ]);
  expect(new PointIndex(points).inside(shape)).toEqual([0, 2, 3]);
  expect(new PointIndex(points).inside([...shape].reverse())).toEqual([0, 2, 3]);
  expect(new PointIndex(points).inside(shape.slice(0, 2))).toEqual([]);
  expect(new PointIndex(new Float32Array()).inside(shape)).toEqual([]);
});

test("an arrow goes to the nearest point within 45 degrees of its direction, or stays", () => {
  const points = packed([
    [0, 0],
    [2, 1],
    [1, 3],
    [5, 0],
    [-4, 1],
    [Number.NaN, 0],
    [0, 0],
  ]);
  const next = (key: string) => nextTowards(points, 0, DIRECTIONS[key]!);
  expect(next("ArrowRight")).toBe(1);
  expect(next("ArrowUp")).toBe(2);
  expect(next("ArrowLeft")).toBe(4);
  expect(next("ArrowDown")).toBeUndefined();
});

test("a lasso of any shape holds the points that a ray to the right leaves an odd number of times", () => {
  const place = fc.record({ x: fc.integer({ min: -20, max: 20 }), y: fc.integer({ min: -20, max: 20 }) });
  fc.assert(
    fc.property(fc.array(place, { minLength: 3, maxLength: 40 }), fc.array(place, { maxLength: 40 }), (shape, all) => {
      // Off the corners and edges, where either answer would do.
      const points = all.map(({ x, y }) => ({ x: x + 0.123, y: y + 0.457 }));
      const odd = ({ x, y }: { readonly x: number; readonly y: number }) =>
        shape.filter((to, i) => {
          const from = shape.at(i - 1)!;
          if (y < Math.min(from.y, to.y) || y >= Math.max(from.y, to.y)) return false;
          return x < from.x + ((y - from.y) * (to.x - from.x)) / (to.y - from.y);
        }).length % 2;
      const index = new PointIndex(packed(points.map(({ x, y }) => [x, y] as const)));
      expect(index.inside(shape)).toEqual([...points.keys()].filter((row) => odd(points[row]!) === 1));
    }),
  );
});

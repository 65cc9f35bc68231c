import type { PlotName } from "../plot/names.ts";
import { type Category, OTHER } from "./colours.ts";

/** Cells on each side of the map in which the points of a class are counted. */
const CELLS = 24;

/**
 * The names of the coloured categories, each at the place where most of its images lie together; the largest first.
 * @param codes int32 `[count]`
 * @param points float32 `[count, 2]`
 * @param lit the category that is lit up
 */
export function namesOnMap(
  categories: readonly Category[],
  codes: Int32Array,
  points: Float32Array,
  lit: number | undefined,
): PlotName[] {
  // A single name tells nothing.
  if (categories.length < 2) return [];
  const shown = categories.filter(({ colour, code }) => colour !== OTHER || code === lit);
  const places = densest(codes, categories.length, points);
  return shown
    .filter(({ code }) => places.has(code))
    .sort((a, b) => b.count - a.count)
    .map(({ code, name, colour }) => ({ text: short(name), at: places.get(code)!, colour, strong: code === lit }));
}

/** The end of a path tells more than its start. */
function short(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1) || name;
  return last.length > 24 ? `${last.slice(0, 23)}…` : last;
}

interface Heap {
  count: number;
  x: number;
  y: number;
}

function densest(codes: Int32Array, classes: number, points: Float32Array): Map<number, { x: number; y: number }> {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    if (!Number.isFinite(points[i]! + points[i + 1]!)) continue;
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    bottom = Math.min(bottom, points[i + 1]!);
    top = Math.max(top, points[i + 1]!);
  }
  const extent = Math.max(right - left, top - bottom, Number.MIN_VALUE);
  const heaps = new Map<number, Map<number, Heap>>();
  for (const [row, code] of codes.entries()) {
    const [x, y] = [points[2 * row]!, points[2 * row + 1]!];
    if (code < 0 || code >= classes || !Number.isFinite(x + y)) continue;
    const at = (value: number, low: number) => Math.min(CELLS - 1, Math.floor(((value - low) / extent) * CELLS));
    const cell = at(y, bottom) * (CELLS + 2) + at(x, left);
    const own = heaps.get(code) ?? new Map<number, Heap>();
    const heap = own.get(cell) ?? { count: 0, x: 0, y: 0 };
    heap.count++;
    heap.x += x;
    heap.y += y;
    heaps.set(code, own.set(cell, heap));
  }
  const around = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => y * (CELLS + 2) + x));
  return new Map(
    [...heaps].map(([code, own]) => {
      const sums = [...own.keys()].map((cell) => {
        const sum: Heap = { count: 0, x: 0, y: 0 };
        for (const by of around) {
          const { count, x, y } = own.get(cell + by) ?? { count: 0, x: 0, y: 0 };
          sum.count += count;
          sum.x += x;
          sum.y += y;
        }
        return sum;
      });
      const { count, x, y } = sums.reduce((best, sum) => (sum.count > best.count ? sum : best));
      return [code, { x: x / count, y: y / count }];
    }),
  );
}

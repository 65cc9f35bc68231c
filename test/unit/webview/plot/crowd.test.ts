import { expect, test } from "vitest";
import { countIn, opacityOf, peaks, seenPart } from "../../../../webview-ui/plot/crowd.ts";
import { type PlotName, placeNames } from "../../../../webview-ui/plot/names.ts";
import { fitView, toScreen } from "../../../../webview-ui/plot/view.ts";

const size = { width: 600, height: 400 };
/** Points around some centres, in a spiral. */
function heaps(centres: readonly (readonly [number, number, number])[]): Float32Array {
  return Float32Array.from(
    centres.flatMap(([x, y, count]) =>
      Array.from({ length: count }, (_, i) => {
        const radius = 0.5 * Math.sqrt(i / count);
        return [x + radius * Math.cos(2.4 * i), y + radius * Math.sin(2.4 * i)];
      }).flat(),
    ),
  );
}

test("an example stands at each peak of the density, the highest first, and none for what is not in view", () => {
  const points = heaps([
    [0, 0, 300],
    [10, 0, 500],
    [0, 6, 100],
  ]);
  const view = fitView(points, size, 30);
  const rows = peaks(points, view, size, () => true);
  const heap = (row: number) => (row < 300 ? 0 : row < 800 ? 1 : 2);
  expect(rows.slice(0, 1).map(heap)).toEqual([1]);
  expect(new Set(rows.map(heap))).toEqual(new Set([0, 1, 2]));
  // Only the heap on the right is seen.
  const near = { x: 10, y: 0, scale: 200 };
  expect(peaks(points, near, size, () => true).every((row) => heap(row) === 1)).toBe(true);
  expect(peaks(points, near, size, () => true).length).toBeGreaterThan(1);
  expect(peaks(points, view, size, (row) => heap(row) === 2).map(heap)).toEqual([2]);
});

test("what is in view is counted, and a point without a place never is", () => {
  const points = heaps([
    [0, 0, 300],
    [10, 0, 500],
  ]);
  expect(countIn(points, fitView(points, size, 30), size)).toBe(800);
  expect(countIn(points, { x: 10, y: 0, scale: 200 }, size)).toBe(500);
  expect(countIn(points, { x: 100, y: 0, scale: 200 }, size)).toBe(0);
  expect(countIn(Float32Array.of(0, 0, Number.NaN, 0), { x: 0, y: 0, scale: 200 }, size)).toBe(1);
});

test("examples are far enough from each other to be drawn", () => {
  const points = heaps([[0, 0, 5000]]);
  const view = fitView(points, size, 30);
  const places = peaks(points, view, size, () => true).map((row) =>
    toScreen(view, size, { x: points[2 * row]!, y: points[2 * row + 1]! }),
  );
  for (const [i, a] of places.entries())
    for (const b of places.slice(0, i)) expect(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y))).toBeGreaterThan(20);
});

test("few points are opaque; where they are layers of ink they become clearer, the more the more there are", () => {
  const opacity = (count: number) => {
    const points = heaps([[0, 0, count]]);
    return opacityOf(points, fitView(points, size, 30), size, 3);
  };
  expect(opacity(1000)).toBe(1);
  expect(opacity(200_000)).toBeLessThan(opacity(60_000));
  expect(opacity(200_000)).toBeGreaterThan(0);
  expect(opacityOf(new Float32Array(), { x: 0, y: 0, scale: 1 }, size, 3)).toBe(1);
  expect(opacityOf(new Float32Array(8).fill(Number.NaN), { x: 0, y: 0, scale: 1 }, size, 3)).toBe(1);
});

test("the part in view is that of its corners", () => {
  expect(seenPart({ x: 5, y: 1, scale: 10 }, size)).toEqual({ low: { x: -25, y: -19 }, high: { x: 35, y: 21 } });
});

const name = (text: string, x: number, y: number, strong = false): PlotName => ({
  text,
  at: { x, y },
  colour: 0,
  strong,
});
const place = (names: readonly PlotName[], taken: Parameters<typeof placeNames>[4] = []) =>
  placeNames(
    names,
    size,
    (at) => at,
    ({ text }) => 7 * text.length,
    taken,
  );

test("no name covers another one: it moves a little, or is left out for a more important one", () => {
  const crowd = Array.from({ length: 40 }, (_, i) => name(`class ${i}`, 300 + (i % 5), 200 + (i % 3)));
  const placed = place(crowd);
  expect(placed.length).toBeGreaterThan(1);
  expect(placed.length).toBeLessThan(10);
  expect(placed[0]!.name.text).toBe("class 0");
  for (const [i, a] of placed.entries()) {
    for (const b of placed.slice(0, i)) {
      const [across, down] = [Math.abs(a.at.x - b.at.x), Math.abs(a.at.y - b.at.y)];
      expect(across >= 7 * 7 || down >= 14).toBe(true);
    }
  }
});

test("the name that is lit goes first; names stay inside, and clear of pictures; what is out of view has none", () => {
  const lit = place([name("first", 300, 200), name("lit", 300, 200, true)]);
  expect(lit[0]!.name.text).toBe("lit");
  expect(lit[0]!.at).toEqual({ x: 300, y: 200 });
  const [edge] = place([name("a long name at the edge", 2, 399)]);
  expect(edge!.at.x).toBeGreaterThan(80);
  expect(edge!.at.y).toBeLessThan(393);
  const [clear] = place([name("under a picture", 300, 200)], [{ left: 276, top: 176, width: 48, height: 48 }]);
  expect(clear!.at.y).toBe(234);
  expect(place([name("away", 700, 200)])).toEqual([]);
});

import KDBush from "kdbush";
import type { Place } from "./view.ts";

/** Finds points by their place. Points that are not finite are never found. */
export class PointIndex {
  readonly #points: Float32Array;
  /** Row of each entry of the tree. */
  readonly #rows: readonly number[];
  readonly #tree: KDBush;

  /** @param points float32 `[count, 2]` */
  constructor(points: Float32Array) {
    this.#points = points;
    this.#rows = Array.from({ length: points.length / 2 }, (_, row) => row).filter((row) =>
      Number.isFinite(points[2 * row]! + points[2 * row + 1]!),
    );
    this.#tree = new KDBush(this.#rows.length, 64, Float32Array);
    for (const row of this.#rows) this.#tree.add(points[2 * row]!, points[2 * row + 1]!);
    this.#tree.finish();
  }

  /**
   * Row of the point nearest to a place in the data, within a radius in its units; undefined where there is none.
   * @param among whether a row may be found
   */
  nearest({ x, y }: Place, radius: number, among: (row: number) => boolean = () => true): number | undefined {
    let best: number | undefined;
    let least = Infinity;
    for (const entry of this.#tree.within(x, y, radius)) {
      const row = this.#rows[entry]!;
      const distance = Math.hypot(this.#points[2 * row]! - x, this.#points[2 * row + 1]! - y);
      if (distance >= least || !among(row)) continue;
      least = distance;
      best = row;
    }
    return best;
  }

  /** Rows of the points in a rectangle, its corners in the data: left bottom and right top. */
  within(low: Place, high: Place): number[] {
    return this.#tree.range(low.x, low.y, high.x, high.y).map((entry) => this.#rows[entry]!);
  }

  /**
   * Rows of the points inside a polygon, by the even-odd rule.
   * @param polygon its corners in the data; the last one is joined to the first
   */
  inside(polygon: readonly Place[]): number[] {
    if (polygon.length < 3) return [];
    const xs = polygon.map(({ x }) => x);
    const ys = polygon.map(({ y }) => y);
    const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
    const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
    return this.#tree
      .range(least(xs), least(ys), most(xs), most(ys))
      .map((entry) => this.#rows[entry]!)
      .filter((row) => contains(polygon, this.#points[2 * row]!, this.#points[2 * row + 1]!))
      .sort((a, b) => a - b);
  }
}

function contains(polygon: readonly Place[], x: number, y: number): boolean {
  let inside = false;
  let from = polygon.at(-1)!;
  for (const to of polygon) {
    if (from.y > y !== to.y > y && x < from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x)) inside = !inside;
    from = to;
  }
  return inside;
}

/** A unit step in the data for each arrow key. */
export const DIRECTIONS: Readonly<Record<string, Place>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 },
};

/**
 * Row of the point nearest to another one among those in a direction: within 45 degrees of it.
 * @param points float32 `[count, 2]`
 * @param among whether a row may be found
 * @returns undefined where there is none
 */
export function nextTowards(
  points: Float32Array,
  row: number,
  direction: Place,
  among: (row: number) => boolean = () => true,
): number | undefined {
  const x = points[2 * row]!;
  const y = points[2 * row + 1]!;
  let best: number | undefined;
  let least = Infinity;
  for (let other = 0; other < points.length / 2; other++) {
    const dx = points[2 * other]! - x;
    const dy = points[2 * other + 1]! - y;
    const along = dx * direction.x + dy * direction.y;
    const across = Math.abs(dx * direction.y - dy * direction.x);
    const distance = along * along + across * across;
    // Comparisons with NaN are false: a point without a place is never the next one.
    if (!(along > 0 && across <= along && distance < least) || !among(other)) continue;
    least = distance;
    best = other;
  }
  return best;
}

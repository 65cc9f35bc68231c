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
    const bands = new Bands(polygon);
    const { left, right, bottom, top } = bands;
    const points = this.#points;
    const found: number[] = [];
    // All of them: a lasso holds many, and going through the tree would take longer and lose their order.
    for (let row = 0; row < points.length / 2; row++) {
      const x = points[2 * row]!;
      const y = points[2 * row + 1]!;
      // False for NaN too.
      if (x >= left && x <= right && y >= bottom && y <= top && bands.contains(x, y)) found.push(row);
    }
    return found;
  }
}

/** Bands of a polygon, one above the other, each with the edges that pass through it: a point is tested against few of them. */
class Bands {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
  /** By band: x and y of both ends of each edge. */
  readonly #edges: readonly number[][];
  readonly #perUnit: number;

  constructor(polygon: readonly Place[]) {
    const most = (pick: (place: Place) => number) =>
      polygon.reduce((best, place) => Math.max(best, pick(place)), -Infinity);
    this.left = -most(({ x }) => -x);
    this.right = most(({ x }) => x);
    this.bottom = -most(({ y }) => -y);
    this.top = most(({ y }) => y);
    const count = Math.min(256, 4 * polygon.length);
    this.#perUnit = this.top > this.bottom ? count / (this.top - this.bottom) : 0;
    this.#edges = Array.from({ length: count }, () => []);
    let from = polygon.at(-1)!;
    for (const to of polygon) {
      const [low, high] = [this.#band(Math.min(from.y, to.y)), this.#band(Math.max(from.y, to.y))];
      for (let band = low; band <= high; band++) this.#edges[band]!.push(from.x, from.y, to.x, to.y);
      from = to;
    }
  }

  contains(x: number, y: number): boolean {
    const edges = this.#edges[this.#band(y)]!;
    let inside = false;
    for (let i = 0; i < edges.length; i += 4) {
      const y0 = edges[i + 1]!;
      const y1 = edges[i + 3]!;
      if (y0 > y === y1 > y) continue;
      const x0 = edges[i]!;
      if (x < x0 + ((y - y0) / (y1 - y0)) * (edges[i + 2]! - x0)) inside = !inside;
    }
    return inside;
  }

  #band(y: number): number {
    return Math.min(this.#edges.length - 1, Math.max(0, Math.floor((y - this.bottom) * this.#perUnit)));
  }
}

/**
 * Rows of the points nearest to another one, itself the first.
 * @param points float32 `[count, 2]`
 * @param among whether a row may be found
 */
export function nearestTo(
  points: Float32Array,
  row: number,
  count: number,
  among: (row: number) => boolean = () => true,
): number[] {
  const [x, y] = [points[2 * row]!, points[2 * row + 1]!];
  const distance = (other: number) => (points[2 * other]! - x) ** 2 + (points[2 * other + 1]! - y) ** 2;
  return Array.from({ length: points.length / 2 }, (_, other) => other)
    .filter((other) => other === row || (among(other) && Number.isFinite(distance(other))))
    .sort((a, b) => (a === row ? -1 : b === row ? 1 : distance(a) - distance(b)))
    .slice(0, count);
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

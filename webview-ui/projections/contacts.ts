/** Points that are looked at; of more, evenly many are left out. */
const LOOKED_AT = 20_000;
/** Cells of the grid on which classes meet, on each side. */
const CELLS = 64;
/** So many of the nearest classes count as beside a class, whether or not their points meet. */
const BESIDE = 6;

/**
 * How much two classes are beside each other in a map: 0 for far apart, the more the nearer their middles, and several times as much
 * where one is among the nearest few of the other or their points lie among each other.
 * @param codes int32 `[count]`: class of each point; below 0 and from `classes` on is none
 * @param points float32 `[count, 2]`; points that are not finite have no place
 * @returns float64 `[classes, classes]`, symmetric, 0 on the diagonal
 */
export function contacts(codes: Int32Array, classes: number, points: Float32Array): Float64Array {
  const looked = placed(codes, classes, points);
  const span = spanOf(looked, points);
  const result = new Float64Array(classes * classes);
  meet(result, classes, codes, looked, points, span);
  neighbour(result, classes, middles(codes, classes, looked, points), span.extent);
  return result;
}

interface Span {
  readonly left: number;
  readonly bottom: number;
  /** The longer side. */
  readonly extent: number;
}

/** Rows with a class and a place. */
function placed(codes: Int32Array, classes: number, points: Float32Array): number[] {
  const step = Math.max(1, Math.ceil(codes.length / LOOKED_AT));
  const rows: number[] = [];
  for (let row = 0; row < codes.length; row += step) {
    const code = codes[row]!;
    if (code >= 0 && code < classes && Number.isFinite(points[2 * row]! + points[2 * row + 1]!)) rows.push(row);
  }
  return rows;
}

function spanOf(rows: readonly number[], points: Float32Array): Span {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const row of rows) {
    const [x, y] = [points[2 * row]!, points[2 * row + 1]!];
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  return { left, bottom, extent: Math.max(right - left, top - bottom, Number.MIN_VALUE) };
}

/** Adds the share of the smaller class whose points have points of the other one beside them. */
function meet(
  result: Float64Array,
  classes: number,
  codes: Int32Array,
  rows: readonly number[],
  points: Float32Array,
  { left, bottom, extent }: Span,
): void {
  const cells = new Map<number, Map<number, number>>();
  const sizes = new Float64Array(classes);
  const at = (value: number, low: number) => Math.min(CELLS - 1, Math.floor(((value - low) / extent) * CELLS));
  for (const row of rows) {
    const cell = at(points[2 * row + 1]!, bottom) * (CELLS + 2) + at(points[2 * row]!, left);
    const counts = cells.get(cell) ?? new Map<number, number>();
    cells.set(cell, counts.set(codes[row]!, (counts.get(codes[row]!) ?? 0) + 1));
    sizes[codes[row]!]!++;
  }
  const around = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => y * (CELLS + 2) + x));
  for (const [cell, counts] of cells) {
    for (const other of around) {
      const near = cells.get(cell + other);
      if (near === undefined) continue;
      for (const [a, m] of counts) {
        for (const [b, n] of near) {
          if (a === b) continue;
          const share = (4 * Math.min(m, n)) / Math.min(sizes[a]!, sizes[b]!);
          result[a * classes + b]! += share;
          result[b * classes + a]! += share;
        }
      }
    }
  }
}

/** The medians of each class's points, float64 `[classes, 2]`; NaN where it has none. */
function middles(codes: Int32Array, classes: number, rows: readonly number[], points: Float32Array): Float64Array {
  const members = Array.from({ length: classes }, () => [[] as number[], [] as number[]] as const);
  for (const row of rows) {
    members[codes[row]!]![0].push(points[2 * row]!);
    members[codes[row]!]![1].push(points[2 * row + 1]!);
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  return Float64Array.from(members.flatMap(([x, y]) => [median(x), median(y)]));
}

/** Adds what the places of the middles say. */
function neighbour(result: Float64Array, classes: number, at: Float64Array, extent: number): void {
  const distance = (a: number, b: number) =>
    Math.hypot(at[2 * a]! - at[2 * b]!, at[2 * a + 1]! - at[2 * b + 1]!) / extent;
  for (let a = 0; a < classes; a++) {
    const others = [...Array(classes).keys()].filter((b) => b !== a && Number.isFinite(distance(a, b)));
    others.sort((b, c) => distance(a, b) - distance(a, c));
    for (const [rank, b] of others.entries()) {
      const near = (rank < BESIDE ? 4 : 0) + 1 / (1 + (distance(a, b) / 0.1) ** 2);
      result[a * classes + b]! += near;
      result[b * classes + a]! += near;
    }
  }
}

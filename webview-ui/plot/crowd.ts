import { type Place, type Size, toScreen, type View } from "./view.ts";

/** Points that are looked at; of more, evenly many are left out. */
const LOOKED_AT = 30_000;
/** Side of the cells in which points are counted for an example, and for how crowded a map is. CSS pixels. */
const [PEAK, INK] = [64, 10];
/** Ink that may lie on a place before the points become clearer, in layers; and how clear they may become. */
const LAYERS = 1.5;
const CLEAREST = 0.08;

interface Cell {
  count: number;
  x: number;
  y: number;
  rows: number[];
}

/** The points in view, sorted into square cells of the screen. */
function cellsOf(
  points: Float32Array,
  view: View,
  size: Size,
  side: number,
  among: (row: number) => boolean,
): { readonly cells: Map<number, Cell>; readonly step: number; readonly across: number } {
  const count = points.length / 2;
  const step = Math.max(1, Math.ceil(count / LOOKED_AT));
  const across = Math.ceil(size.width / side) + 2;
  const cells = new Map<number, Cell>();
  for (let row = 0; row < count; row += step) {
    const { x, y } = toScreen(view, size, { x: points[2 * row]!, y: points[2 * row + 1]! });
    // False for NaN too.
    if (!(x >= 0 && y >= 0 && x < size.width && y < size.height) || !among(row)) continue;
    const key = (Math.floor(y / side) + 1) * across + Math.floor(x / side) + 1;
    const cell = cells.get(key) ?? { count: 0, x: 0, y: 0, rows: [] };
    cell.count++;
    cell.x += x;
    cell.y += y;
    cell.rows.push(row);
    cells.set(key, cell);
  }
  return { cells, step, across };
}

/**
 * Points that can stand for those around them: where the density in view is highest first, and none beside another one.
 * @param among whether a row may be one
 */
export function peaks(points: Float32Array, view: View, size: Size, among: (row: number) => boolean): number[] {
  const { cells, across } = cellsOf(points, view, size, PEAK, among);
  const around = [-across - 1, -across, -across + 1, -1, 1, across - 1, across, across + 1];
  const found: number[] = [];
  const beside = new Set<number>();
  // The fullest cells first, and none beside one that has its example.
  for (const [key, { count, x, y, rows }] of [...cells].sort(
    ([a, one], [b, other]) => other.count - one.count || a - b,
  )) {
    if (beside.has(key)) continue;
    for (const by of around) beside.add(key + by);
    found.push(nearest(rows, points, view, size, { x: x / count, y: y / count }));
  }
  return found;
}

function nearest(rows: readonly number[], points: Float32Array, view: View, size: Size, { x, y }: Place): number {
  let [best, least] = [rows[0]!, Infinity];
  for (const row of rows) {
    const at = toScreen(view, size, { x: points[2 * row]!, y: points[2 * row + 1]! });
    const distance = Math.hypot(at.x - x, at.y - y);
    if (distance < least) [best, least] = [row, distance];
  }
  return best;
}

/**
 * How opaque points are to be so that their density still shows where they lie over each other: 1 while there is room.
 * @param diameter of a point in CSS pixels
 */
export function opacityOf(points: Float32Array, view: View, size: Size, diameter: number): number {
  const { cells, step } = cellsOf(points, view, size, INK, () => true);
  let shown = 0;
  for (const { count } of cells.values()) shown += count * step;
  // A point reaches beyond its cell.
  const occupied = cells.size * (INK + diameter) ** 2;
  const layers = (shown * Math.PI * (diameter / 2) ** 2) / Math.max(1, occupied);
  return layers <= LAYERS ? 1 : Math.max(CLEAREST, LAYERS / layers);
}

/** How many points are in view. */
export function countIn(points: Float32Array, view: View, size: Size): number {
  const { low, high } = seenPart(view, size);
  let count = 0;
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    if (x >= low.x && x <= high.x && y >= low.y && y <= high.y) count++;
  }
  return count;
}

/** The corners of what is seen, in the data: left bottom and right top. */
export function seenPart(view: View, { width, height }: Size): { readonly low: Place; readonly high: Place } {
  const [x, y] = [width / 2 / view.scale, height / 2 / view.scale];
  return { low: { x: view.x - x, y: view.y - y }, high: { x: view.x + x, y: view.y + y } };
}

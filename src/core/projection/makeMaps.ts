import { COMBINED, type ProjectionParameters } from "../../shared/index.ts";
import type { NeighbourTable, VectorSet } from "../neighbours/index.ts";
import { neighbourhoods } from "./findNeighbours.ts";
import { LayoutPool } from "./layoutPool.ts";
import { align } from "./procrustes.ts";
import type { LayoutUpdate, ProjectionProgress } from "./projection.ts";
import type { Reuse } from "./reuse.ts";

interface Making {
  readonly vectors: VectorSet;
  readonly tables: ReadonlyMap<string, NeighbourTable>;
  readonly parameters: ProjectionParameters;
  readonly reuse: Reuse;
  /** PCA views; there where nothing is reused. */
  readonly first: ReadonlyMap<string, Float32Array> | undefined;
  /** Columns to make, combined among them unless it is reused as it is. */
  readonly missing: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly onLayout: (update: LayoutUpdate) => void;
  readonly onProgress: (progress: ProjectionProgress) => void;
}

/** Up to so many points PCA is the map: three points lie in a plane, so nothing is lost. */
const EXACT_IN_A_PLANE = 3;

/** Makes the missing maps: combined first, then the others from it, two at a time. @returns float32 `[count, 2]` by column */
export async function makeMaps(making: Making): Promise<Map<string, Float32Array>> {
  const { vectors, missing, first, reuse, onLayout, onProgress } = making;
  const maps = new Map<string, Float32Array>();
  const keep = (descriptor: string, points: Float32Array) => {
    maps.set(descriptor, points);
    onLayout({ descriptor, method: "umap", done: 1, points: points.slice() });
  };
  if (first !== undefined && vectors.paths.length <= EXACT_IN_A_PLANE) {
    for (const column of missing) keep(column, first.get(column)!);
    return maps;
  }
  // When one map fails, those beside it are stopped too.
  const failure = new AbortController();
  const signal = making.signal === undefined ? failure.signal : AbortSignal.any([making.signal, failure.signal]);
  const pool = new LayoutPool(signal);
  const done = new Map(missing.map((column) => [column, 0]));
  const report = (column: string, share: number) => {
    done.set(column, share);
    onProgress({ phase: "layout", done: [...done.values()].reduce((sum, value) => sum + value, 0) / done.size });
  };
  const make = async (column: string, target: Float32Array | undefined) => {
    const points = await makeMap(making, pool, column, target, (share) => report(column, share));
    keep(column, points);
    report(column, 1);
    return points;
  };
  try {
    const combined = missing.includes(COMBINED)
      ? await make(COMBINED, undefined)
      : reuse.kind === "all" && reuse.previous.maps.get(COMBINED)!.points;
    if (combined === false) throw new RangeError("The combined map is neither there nor asked for");
    await Promise.all(missing.filter((column) => column !== COMBINED).map((column) => make(column, combined)));
    return maps;
  } catch (error) {
    failure.abort(error);
    throw error;
  }
}

/** @param target the finished combined map, which the map starts from and is turned onto; absent for combined itself */
async function makeMap(
  { vectors, tables, parameters, reuse, first, onLayout }: Making,
  pool: LayoutPool,
  descriptor: string,
  target: Float32Array | undefined,
  onProgress: (done: number) => void,
): Promise<Float32Array> {
  const count = vectors.paths.length;
  const { neighbours, minDist, seed } = parameters;
  const table = tables.get(descriptor)!;
  const show = (points: Float32Array, done: number) => {
    onLayout({ descriptor, method: "umap", done, points });
    onProgress(done);
  };
  const earlier = reuse.kind === "part" ? reuse.previous.maps.get(descriptor) : undefined;
  if (reuse.kind === "part" && earlier !== undefined) {
    const { start, placed, complete } = carryOver(earlier.points, reuse.origin);
    if (complete) return start;
    // Kept points stay where they are, so nothing is turned: the user knows this picture.
    return pool.run({ neighbourhoods: neighbourhoods(table, neighbours), start, placed, minDist, seed }, show);
  }
  const begin = target ?? first?.get(descriptor) ?? new Float32Array(2 * count);
  const turned = (points: Float32Array) => (target === undefined ? points : align(points, target).points);
  const growing = (points: Float32Array, done: number) => show(turned(points), done);
  const whole = { neighbourhoods: neighbourhoods(table, neighbours), start: begin.slice(), minDist, seed };
  return turned(await pool.run(whole, growing));
}

/** Earlier positions in the present order of rows. */
function carryOver(earlier: Float32Array, origin: Int32Array) {
  const start = new Float32Array(2 * origin.length);
  const placed = new Uint8Array(origin.length);
  for (const [row, from] of origin.entries()) {
    if (from < 0) continue;
    placed[row] = 1;
    start[2 * row] = earlier[2 * from]!;
    start[2 * row + 1] = earlier[2 * from + 1]!;
  }
  return { start, placed, complete: placed.every((one) => one === 1) };
}

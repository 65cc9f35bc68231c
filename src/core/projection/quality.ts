import { setImmediate } from "node:timers/promises";
import { gather, type NeighbourSearch, Random, type Rows, type SearchOptions } from "../neighbours/index.ts";

/** How well one map keeps the neighbourhoods of its descriptor space; null where there are too few points to tell. */
export interface Faithfulness {
  readonly trustworthiness: number | null;
  readonly neighbourPreservation: number | null;
}

/** Neighbours that the qualities look at. */
export const QUALITY_NEIGHBOURS = 15;
/** Of fewer images no quality is measured. */
const LEAST_MEASURED = 3 * QUALITY_NEIGHBOURS;
/** Up to so many images each of them is asked; beyond, a draw of `QUALITY_SAMPLE`, always against all images. */
const ASK_ALL_UP_TO = 2_000;
const QUALITY_SAMPLE = 1_000;

/** Rows whose neighbourhoods are measured: all, or a draw that depends on the number of rows and the seed alone. */
export function measuredRows(count: number, seed: number): Int32Array {
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  if (count <= ASK_ALL_UP_TO) return rows;
  const random = new Random(seed);
  for (let i = 0; i < QUALITY_SAMPLE; i++) {
    const j = i + Math.floor(random.unit() * (count - i));
    [rows[i], rows[j]] = [rows[j]!, rows[i]!];
  }
  return rows.slice(0, QUALITY_SAMPLE);
}

/** The k that is used for so many rows; 0 where they are too few to measure: nearly any layout keeps a third of all as neighbours. */
export function qualityNeighbours(count: number): number {
  return count < LEAST_MEASURED ? 0 : QUALITY_NEIGHBOURS;
}

/**
 * Trustworthiness, 1 - 2 / (n k (2 N - 3 k - 1)) * sum of (r(i, j) - k) over images j that are among the k nearest of i in
 * the map but not in the descriptor space, where r is the rank there (Venna & Kaski, 2001), over n of the N images; and the
 * mean share of the k nearest in the descriptor space that are among the k nearest in the map.
 * @param maps one float32 `[count, 2]` per column (the branches, then combined); null for a column that is not wanted
 * @param measured rows to ask
 */
export async function measureMaps(
  search: NeighbourSearch,
  rows: Rows,
  maps: readonly (Float32Array | null)[],
  measured: Int32Array,
  options: SearchOptions = {},
): Promise<Faithfulness[]> {
  const { count } = rows;
  const k = qualityNeighbours(count);
  if (k === 0) return maps.map(() => ({ trustworthiness: null, neighbourPreservation: null }));
  const penalties = maps.map(() => 0);
  const kept = maps.map(() => 0);
  for await (const { start, count: queries, scores } of search.scores(gather(rows, measured), rows, options)) {
    for (let q = 0; q < queries; q++) {
      const row = measured[start + q]!;
      for (const [c, points] of maps.entries()) {
        if (points === null) continue;
        const near = nearestInMap(points, row, k);
        for (const rank of ranks(scores[c]!.subarray(q * count, (q + 1) * count), row, near)) {
          if (rank > k) penalties[c]! += rank - k;
          else kept[c]!++;
        }
      }
      if (q % 32 === 31) await setImmediate();
      options.signal?.throwIfAborted();
    }
  }
  const n = measured.length;
  return maps.map((points, c) => ({
    trustworthiness: points === null ? null : 1 - (2 / (n * k * (2 * count - 3 * k - 1))) * penalties[c]!,
    neighbourPreservation: points === null ? null : kept[c]! / (n * k),
  }));
}

/** The k rows nearest to a row in a map, from the nearest on; of equally near ones the lower row. */
function nearestInMap(points: Float32Array, row: number, k: number): Int32Array {
  const near = new Int32Array(k);
  const distances = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
  const x = points[2 * row]!;
  const y = points[2 * row + 1]!;
  for (let i = 0; 2 * i < points.length; i++) {
    const dx = points[2 * i]! - x;
    const dy = points[2 * i + 1]! - y;
    const distance = dx * dx + dy * dy;
    if (distance >= distances[k - 1]! || i === row) continue;
    let at = k - 1;
    for (; at > 0 && distances[at - 1]! > distance; at--) {
      distances[at] = distances[at - 1]!;
      near[at] = near[at - 1]!;
    }
    distances[at] = distance;
    near[at] = i;
  }
  return near;
}

/** The place of each of some rows in the ranking by score, from 1; equal scores share the best place. */
function ranks(scores: Float32Array, own: number, rows: Int32Array): Int32Array {
  const wanted = Float32Array.from(rows, (row) => scores[row]!).sort();
  // above[i]: scores that exceed exactly the i lowest of the wanted ones.
  const above = new Int32Array(wanted.length + 1);
  const lowest = wanted[0]!;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (score <= lowest || i === own) continue;
    let exceeded = 1;
    while (exceeded < wanted.length && wanted[exceeded]! < score) exceeded++;
    above[exceeded]!++;
  }
  for (let i = wanted.length - 1; i >= 0; i--) above[i]! += above[i + 1]!;
  return Int32Array.from(rows, (row) => {
    const score = scores[row]!;
    let lower = 0;
    while (wanted[lower]! < score) lower++;
    return above[lower + 1]! + 1;
  });
}

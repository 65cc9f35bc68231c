import { Random } from "../neighbours/index.ts";
import { memberships, type Neighbourhoods } from "./fuzzyGraph.ts";

/**
 * Places points that have no position yet at the weighted mean of their neighbours that have one, as UMAP's transform
 * does. A point whose neighbours are all without a position waits until one of them has got one; a group without any
 * link to the rest lands at a random spot of the map.
 * @param points float32 `[count, 2]`, changed in place
 * @param placed uint8 `[count]`: 1 where `points` holds a position
 */
export function placePoints(
  points: Float32Array,
  placed: Uint8Array,
  neighbourhoods: Neighbourhoods,
  seed: number,
): void {
  const { count, k, indices } = neighbourhoods;
  const weights = memberships(neighbourhoods);
  const known = placed.slice();
  const random = new Random(seed);
  const spread = extent(points, placed);
  let waiting: number[] = [];
  for (let row = 0; row < count; row++) if (known[row] === 0) waiting.push(row);
  while (waiting.length > 0) {
    const next: number[] = [];
    const reached: number[] = [];
    for (const row of waiting) {
      let sum = 0;
      let x = 0;
      let y = 0;
      for (let e = row * k; e < (row + 1) * k; e++) {
        const other = indices[e]!;
        if (known[other] === 0) continue;
        sum += weights[e]!;
        x += weights[e]! * points[2 * other]!;
        y += weights[e]! * points[2 * other + 1]!;
      }
      if (sum > 0) {
        points[2 * row] = x / sum;
        points[2 * row + 1] = y / sum;
        reached.push(row);
      } else next.push(row);
    }
    if (reached.length === 0) {
      const row = next.shift()!;
      points[2 * row] = spread.x + spread.width * (random.unit() - 0.5);
      points[2 * row + 1] = spread.y + spread.height * (random.unit() - 0.5);
      reached.push(row);
    }
    // Only now: the result must not depend on the order within a round.
    for (const row of reached) known[row] = 1;
    waiting = next;
  }
}

function extent(points: Float32Array, placed: Uint8Array) {
  let [left, right, bottom, top] = [
    Number.POSITIVE_INFINITY,
    -Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    -Number.POSITIVE_INFINITY,
  ];
  for (let i = 0; i < placed.length; i++) {
    if (placed[i] === 0) continue;
    left = Math.min(left, points[2 * i]!);
    right = Math.max(right, points[2 * i]!);
    bottom = Math.min(bottom, points[2 * i + 1]!);
    top = Math.max(top, points[2 * i + 1]!);
  }
  if (left > right) return { x: 0, y: 0, width: 20, height: 20 };
  return { x: (left + right) / 2, y: (bottom + top) / 2, width: right - left, height: top - bottom };
}

import { boxMean, newPlane, type Plane } from "./planes.ts";

/** What is added to the contrast of a place, in levels of 255: where there is none, so much is no difference yet. */
export const QUIET = 24;
/** Levels that any compression may change. */
export const NOISE = 4;

/** Twice the standard deviation of squares, of the picture that has more. */
export function contrastOf(a: Plane, b: Plane, radius: number): Plane {
  const [p, q] = [variances(a, radius), variances(b, radius)];
  for (let i = 0; i < p.data.length; i++) p.data[i] = 2 * Math.sqrt(Math.max(p.data[i]!, q.data[i]!, 0));
  return p;
}

function variances(plane: Plane, radius: number): Plane {
  const squares = newPlane(plane.width, plane.height);
  for (let i = 0; i < squares.data.length; i++) squares.data[i] = plane.data[i]! ** 2;
  const [mean, square] = [boxMean(plane, radius), boxMean(squares, radius)];
  for (let i = 0; i < mean.data.length; i++) square.data[i]! -= mean.data[i]! ** 2;
  return square;
}

/** @returns 0 where there are none */
export function quantile(values: readonly number[], part: number): number {
  return Float32Array.from(values).sort()[Math.floor(part * values.length)] ?? 0;
}

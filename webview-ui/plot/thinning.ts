/**
 * Drawing fewer points while the view moves, where all of them take too long. Rows are taken in steps of about the golden
 * section of their number, so that the first ones of any number are spread evenly over the rows, and thus over folders.
 */

/** Milliseconds from frame to frame while the view moves: above, fewer points are drawn; below, more. */
const SLOW = 50;
const QUICK = 35;
/** So many points of a mark are always drawn. */
const LEAST = 5_000;

/** A step that reaches each of `count` rows once: row i is `(i * step) % count`. */
export function stepOf(count: number): number {
  let step = Math.max(1, Math.round(count * (Math.sqrt(5) / 2 - 0.5)));
  while (commonDivisor(step, count) > 1) step++;
  return step;
}

/** How many of `count` points are drawn at a share, 0..1. */
export function drawnOf(count: number, share: number): number {
  return Math.min(count, Math.max(LEAST, Math.ceil(count * share)));
}

/** The share for the next frame, when one with `share` took so many milliseconds. */
export function nextShare(share: number, took: number, count: number): number {
  const least = Math.min(1, LEAST / Math.max(1, count));
  if (took > SLOW) return Math.max(least, share * Math.max(0.2, (0.6 * SLOW) / took));
  return took < QUICK ? Math.min(1, share * 1.25) : share;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

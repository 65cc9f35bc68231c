/** Bounds of a 95 % interval. */
export type Interval = readonly [low: number, high: number];

/** Of the standard normal distribution, at 97.5 %. */
const Z = 1.959963984540054;

/**
 * Wilson's score interval of a share (Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927):
 * it stays within 0 and 1, and holds for shares near them and for few queries.
 * @param n queries, 1 or more
 */
export function wilson(share: number, n: number): Interval {
  const z2 = Z * Z;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** `71 to 93`: the bounds of a share in per cent. @param n queries, 1 or more */
export function intervalText(share: number, n: number): string {
  return wilson(share, n)
    .map((bound) => (100 * bound).toFixed(0))
    .join(" to ");
}

/** The same items in long steps from one end to the other: the first ones of any number are spread over all. */
export function spreadOut<T>(items: readonly T[]): T[] {
  const step = coprimeStep(items.length);
  return items.map((_, i) => items[(i * step) % items.length]!);
}

/** A step of about the golden section of `count` that meets every place once. */
function coprimeStep(count: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let step = Math.max(1, Math.round(0.618 * count));
  while (divisor(step, count) > 1) step++;
  return step;
}

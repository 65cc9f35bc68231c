/** Round values of an axis, few enough to read: multiples of 1, 2 or 5 times a power of ten within `low`..`high`. */
export function ticks(low: number, high: number, most: number): number[] {
  const range = high - low;
  if (!(range > 0) || most < 1) return [low];
  const rough = range / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Positions of labels of a given height that do not overlap, as near to the wanted ones as their order allows. */
export function spread(wanted: readonly number[], height: number, low: number, high: number): number[] {
  const order = [...wanted.keys()].sort((a, b) => wanted[a]! - wanted[b]!);
  const placed = wanted.map((value) => value);
  let least = low;
  for (const i of order) {
    placed[i] = Math.max(placed[i]!, least);
    least = placed[i]! + height;
  }
  let most = high;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i]!, most);
    most = placed[i]! - height;
  }
  return placed;
}

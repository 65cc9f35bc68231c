import type { Colour } from "../plot/renderer.ts";

/** Colours between the ends of a scale. */
export const SCALE_STEPS = 64;

/** Viridis (van der Walt & Smith, 2015, public domain), at even steps: its lightness rises evenly, whatever colours one sees. */
const VIRIDIS = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
] as const;

/** The end that is nearest to the ground is left out, so that every point shows on it. */
const SHOWN = { dark: [0.25, 1], light: [0, 0.88] } as const;

/** The colours of numbers, from the lowest to the highest. */
export function scaleColours(ground: keyof typeof SHOWN): Colour[] {
  const [low, high] = SHOWN[ground];
  return Array.from({ length: SCALE_STEPS }, (_, i) => viridis(low + ((high - low) * i) / (SCALE_STEPS - 1)));
}

/** @param at 0..1 */
function viridis(at: number): Colour {
  const place = at * (VIRIDIS.length - 1);
  const below = Math.min(VIRIDIS.length - 2, Math.floor(place));
  const share = place - below;
  const channel = (c: 0 | 1 | 2) => {
    const [from, to] = [VIRIDIS[below]![c], VIRIDIS[below + 1]![c]];
    return (from + (to - from) * share) / 255;
  };
  return [channel(0), channel(1), channel(2), 1];
}

/** The numbers that a scale spans, and whether some lie beyond its ends. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly below: boolean;
  readonly above: boolean;
}

/** Of so many numbers the outermost hundredth at each end shares a colour: one outlier would take the whole scale. */
const MANY = 100;

/** @param values NaN is left out  @returns undefined where there is no value */
export function rangeOf(values: Float64Array): Range | undefined {
  const sorted = values.filter((value) => Number.isFinite(value)).sort();
  if (sorted.length === 0) return undefined;
  const outer = sorted.length < MANY ? 0 : Math.floor(sorted.length / 100);
  const [low, high] = [sorted[outer]!, sorted[sorted.length - 1 - outer]!];
  return { low, high, below: sorted[0]! < low, above: sorted.at(-1)! > high };
}

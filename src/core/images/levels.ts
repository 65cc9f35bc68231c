/** Which values of a picture are black and white, where its file does not say so: as a person at a viewer would set them. */
export interface Levels {
  readonly black: number;
  readonly white: number;
}

/** How the values of a picture are spread. */
export interface Spread {
  readonly min: number;
  readonly max: number;
  /** The same without a few values that are far from all others: a sensor's dead pixels, not the picture. */
  readonly low: number;
  readonly high: number;
  /** How little pixels side by side have in common: 0 nothing differs, 1 as much as any two pixels do, as in noise. */
  readonly noise: number;
}

export type SampleKind = "unsigned" | "signed" | "float";

/** Share of the values that may be far from all others. */
const FEW = 1 / 2048;
/** Values are that far where they are so many times as far from the middle as the others. */
const FAR = 4;
/** So many values show which are the least and the largest, all over the picture. */
const LOOKED_AT = 1 << 22;
/** So many values show how all are spread. */
const ENOUGH = 1 << 16;
/** Values that use less of the range than this are stretched over it. */
const NARROW = 1 / 8;
/** Values that use less than this may be one value, with noise. */
const FLAT = 1 / 256;
/** A picture is less noise than this. */
const NOISY = 0.6;

/**
 * @param spread of all bands that carry colour, together
 * @param bits of a sample
 * @param significant bits that the file declares, where it does
 */
export function levelsOf(spread: Spread, kind: SampleKind, bits: number, significant?: number): Levels {
  const { low, high } = spread;
  if (kind === "float") return floatLevels(low, high, spread);
  if (kind === "signed" && spread.min < 0) {
    const half = 2 ** (bits - 1);
    // Heights, or Hounsfield units: the numbers mean something, and few of all that there could be are used.
    return high - low < half / 2 && high > low ? { black: low, white: high } : { black: -half, white: half - 1 };
  }
  const full = kind === "signed" ? bits - 1 : bits;
  // A camera of 12 bits fills 12 of 16, from below.
  const used = Math.max(Math.ceil(Math.log2(high + 1)), 1);
  const white = 2 ** (used >= full - 1 ? full : Math.min(full, Math.max(used, significant ?? 0))) - 1;
  return stretched(spread, white);
}

/** Whether nothing of a picture needs to be set right. */
export function isWhole({ black, white }: Levels, bits: number): boolean {
  return black === 0 && white === 2 ** bits - 1;
}

/** Far from black and close together, as a thermal camera's: they are drawn apart. */
function stretched({ low, high, noise }: Spread, white: number): Levels {
  const share = (high - low) / white;
  const shown = share > FLAT || (share > 0 && noise < NOISY);
  return share < NARROW && shown ? { black: low, white: high } : { black: 0, white };
}

/** Shares of white where they look like it, else whatever they measure. */
function floatLevels(low: number, high: number, { min, max }: Spread): Levels {
  if (min >= 0 && max <= 1 && high > NARROW) return { black: 0, white: 1 };
  return high > low ? { black: low, white: high } : { black: low, white: low + 1 };
}

/** Values that stand for no data where nobody says which does. */
const NO_DATA = new Set([-9999, -32768, -99999, -3.4028234663852886e38, -1.7976931348623157e308]);
/** No measure is as large. */
const ABSURD = 1e30;

/** Tells values from what is no number, or stands for no data. @param noData a value that does, beside those that usually do */
export function dataTest(noData: number | undefined): (value: number) => boolean {
  // Values come in single precision, and what the file declares in decimals.
  const gap = noData === undefined ? undefined : Math.fround(noData);
  return (value) => Math.abs(value) < ABSURD && value !== gap && !NO_DATA.has(value);
}

/**
 * The spread of the values of some bands together; what is no number, or stands for no data, is passed over. Where nothing is
 * left, `min` is above `max`.
 * @param bands side by side in `data`
 * @param noData a value that stands for no data, beside those that usually do
 */
export function spreadOf(
  data: ArrayLike<number>,
  bands: number,
  shown: readonly number[],
  noData: number | undefined,
): Spread {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const some: number[] = [];
  const isData = dataTest(noData);
  let [apart, beside] = [0, 0];
  const pixels = data.length / bands;
  const passed = Math.max(1, Math.ceil((pixels * shown.length) / LOOKED_AT));
  const step = Math.max(1, Math.ceil((pixels * shown.length) / passed / ENOUGH));
  for (let i = 0, pixel = 0; pixel < pixels; i++, pixel += passed) {
    for (const band of shown) {
      const value = data[pixel * bands + band]!;
      if (!isData(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
      if (some.length > 0 && i % step !== 0) continue;
      some.push(value);
      const next = data[(pixel + 1) * bands + band];
      if (next === undefined || !isData(next)) continue;
      apart += (next - value) ** 2;
      beside++;
    }
  }
  return { ...withoutFar(min, max, some), noise: apart / Math.max(1, beside) / (2 * varianceOf(some) || 1) };
}

/** The spread of several pictures' values together. */
export function together(spreads: readonly Spread[]): Spread {
  const all = (key: keyof Spread) => spreads.map((spread) => spread[key]);
  return {
    min: Math.min(...all("min")),
    max: Math.max(...all("max")),
    low: Math.min(...all("low")),
    high: Math.max(...all("high")),
    noise: Math.min(...all("noise")),
  };
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
}

function withoutFar(min: number, max: number, values: readonly number[]): Omit<Spread, "noise"> {
  if (values.length === 0) return { min, max, low: min, high: max };
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const [middle, bottom, top] = [at(0.5), at(FEW), at(1 - FEW)];
  return {
    min,
    max,
    low: middle - min > FAR * (middle - bottom) ? bottom : min,
    high: max - middle > FAR * (top - middle) ? top : max,
  };
}

import { contrastOf, NOISE, QUIET, quantile } from "./contrast.ts";
import { type Peak, Peaks } from "./peak.ts";
import { boxMean, cut, halved, newPlane, type Plane, range3 } from "./planes.ts";

export interface StrokeDifference {
  /** Difference of strokes at a place, as a share of the contrast there. */
  readonly stroke: Peak;
  /** Difference of strokes that 90 % of the places with contrast stay below: what a coarse compression does all over. */
  readonly strokes: number;
  /** The same without regard to where within a pixel a stroke lies: the greatest, and what 99 % stay below. */
  readonly exact: Peak;
  readonly exacts: number;
  /** Difference at a place, as a multiple of four levels more than 99 % of the places with as much contrast have. */
  readonly outlier: Peak;
}

/** Levels that any change of format rounds, and that are added to what is usual. */
const ROUNDING = 1;
const LITTLE = 4;
/** Places with as much contrast as another have no more than twice as much, and no less than half: by powers of two up to 255. */
const CONTRASTS = 9;

/** How strokes differ at each place, in levels, before any limit. */
interface Places {
  /** The two as means of 3 x 3. */
  readonly a: Plane;
  readonly b: Plane;
  readonly means: Float32Array;
  readonly exacts: Float32Array;
  /** Of the two at half their size. */
  readonly contrast: Plane;
}

function placesOf(one: Plane, other: Plane): Places {
  const [a, b] = [boxMean(one, 1), boxMean(other, 1)];
  const { width, height } = a;
  const [about, exactly] = [newPlane(width, height), newPlane(width, height)];
  fillDifferences(a, b, about.data, exactly.data);
  const [means, exacts] = [boxMean(about, 2).data, boxMean(exactly, 2).data];
  return { a, b, means, exacts, contrast: contrastOf(halved(a), halved(b), 3) };
}

/** Side of the blocks among which the place that differs most is looked for. */
const BLOCK = 8;
/** Pixels around a place that what is said of it depends on. */
const AROUND = 12;
/** Blocks that are looked at. */
const WORST = 3;

/** Greatest `stroke` and `exact` of the few places where brightness differs most: a part of what `strokesOf` looks at, at little cost. */
export function strokesAtWorst(one: Plane, other: Plane): { readonly stroke: number; readonly exact: number } {
  let [stroke, exact] = [0, 0];
  for (const [x, y] of worstBlocks(one, other)) {
    const [left, top] = [Math.max(0, x - AROUND), Math.max(0, y - AROUND)];
    const [right, bottom] = [Math.min(one.width, x + BLOCK + AROUND), Math.min(one.height, y + BLOCK + AROUND)];
    const window = [left, top, right, bottom] as const;
    const { a, means, exacts, contrast } = placesOf(cut(one, ...window), cut(other, ...window));
    for (let v = y - top; v < Math.min(y + BLOCK, bottom) - top; v++) {
      for (let u = x - left; u < Math.min(x + BLOCK, right) - left; u++) {
        const c = contrastAt(contrast, u, v);
        stroke = Math.max(stroke, means[v * a.width + u]! / (QUIET + c));
        exact = Math.max(exact, exacts[v * a.width + u]! / (QUIET + c));
      }
    }
  }
  return { stroke, exact };
}

/** Left and top of the blocks that differ most. */
function worstBlocks(one: Plane, other: Plane): [number, number][] {
  const { width, height } = one;
  const across = Math.ceil(width / BLOCK);
  const sums = new Float64Array(across * Math.ceil(height / BLOCK));
  for (let i = 0, y = 0; y < height; y++) {
    const row = Math.floor(y / BLOCK) * across;
    for (let x = 0; x < width; x++, i++) sums[row + Math.floor(x / BLOCK)]! += Math.abs(one.data[i]! - other.data[i]!);
  }
  return [...sums.keys()]
    .sort((p, q) => sums[q]! - sums[p]!)
    .slice(0, WORST)
    .map((block) => [BLOCK * (block % across), BLOCK * Math.floor(block / across)]);
}

function contrastAt({ width, height, data }: Plane, x: number, y: number): number {
  return data[Math.min(height - 1, y >> 1) * width + Math.min(width - 1, x >> 1)]!;
}

/** @param isEnough whether the rest need not be looked at: then `outlier` is none */
export function strokesOf(
  one: Plane,
  other: Plane,
  isEnough: (difference: StrokeDifference) => boolean,
): StrokeDifference {
  const { a, b, means, exacts, contrast } = placesOf(one, other);
  const { width, height } = a;
  const [stroke, exact] = [new Peaks(width, height), new Peaks(width, height)];
  const shares: number[] = [];
  const exactShares: number[] = [];
  for (let y = 0; y < height; y++) {
    const row = Math.min(contrast.height - 1, y >> 1) * contrast.width;
    for (let x = 0; x < width; x++) {
      const c = contrast.data[row + Math.min(contrast.width - 1, x >> 1)]!;
      const share = means[y * width + x]! / (QUIET + c);
      const exactShare = exacts[y * width + x]! / (QUIET + c);
      stroke.add(x, y, share);
      exact.add(x, y, exactShare);
      if (c > QUIET && (x & 3) === 0 && (y & 3) === 0) {
        shares.push(share);
        exactShares.push(exactShare);
      }
    }
  }
  const found = {
    stroke: stroke.peak(),
    strokes: quantile(shares, 0.9),
    exact: exact.peak(),
    exacts: quantile(exactShares, 0.99),
    outlier: { most: 0, elsewhere: 0 },
  };
  return isEnough(found) ? found : { ...found, outlier: outlierOf(a, b, contrast) };
}

/** @param contrast of the two at half their size */
function outlierOf(a: Plane, b: Plane, contrast: Plane): Peak {
  const { width, height } = a;
  const apart = newPlane(width, height);
  for (let i = 0; i < apart.data.length; i++) {
    apart.data[i] = Math.max(0, Math.abs(a.data[i]! - b.data[i]!) - ROUNDING);
  }
  const { data } = boxMean(apart, 2);
  const usual: number[][] = Array.from({ length: CONTRASTS }, () => []);
  const groups = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const x = i % width;
    const row = Math.min(contrast.height - 1, ((i - x) / width) >> 1) * contrast.width;
    const c = contrast.data[row + Math.min(contrast.width - 1, x >> 1)]!;
    const group = Math.floor(Math.log2(Math.max(1, c)));
    if (i % 3 === 0) usual[group]!.push(data[i]!);
    groups[i] = group;
  }
  const limits = usual.map((all) => LITTLE + quantile(all, 0.99));
  const peaks = new Peaks(width, height);
  for (let i = 0; i < data.length; i++) peaks.add(i % width, Math.floor(i / width), data[i]! / limits[groups[i]!]!);
  return peaks.peak();
}

/** How far each value is from all values around its place in the other picture, and from the value at its place. */
function fillDifferences(a: Plane, b: Plane, about: Float32Array, exactly: Float32Array): void {
  const [ra, rb] = [range3(a), range3(b)];
  for (let i = 0; i < about.length; i++) {
    const x = a.data[i]!;
    const y = b.data[i]!;
    const far = Math.max(NOISE, rb.low[i]! - x, x - rb.high[i]!, ra.low[i]! - y, y - ra.high[i]!);
    about[i] = far - NOISE;
    exactly[i] = Math.max(0, Math.abs(x - y) - NOISE);
  }
}

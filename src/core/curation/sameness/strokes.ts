import { contrastOf, NOISE, QUIET, quantile } from "./contrast.ts";
import { type Peak, Peaks } from "./peak.ts";
import { boxMean, halved, newPlane, type Plane, range3 } from "./planes.ts";

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

export function strokesOf(one: Plane, other: Plane): StrokeDifference {
  const [a, b] = [boxMean(one, 1), boxMean(other, 1)];
  const { width, height } = a;
  const [about, exactly] = [newPlane(width, height), newPlane(width, height)];
  fillDifferences(a, b, about.data, exactly.data);
  const [means, exacts] = [boxMean(about, 2).data, boxMean(exactly, 2).data];
  const contrast = contrastOf(halved(a), halved(b), 3);
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
  return {
    stroke: stroke.peak(),
    strokes: quantile(shares, 0.9),
    exact: exact.peak(),
    exacts: quantile(exactShares, 0.99),
    outlier: outlierOf(a, b, contrast),
  };
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

import { contrastOf, NOISE, QUIET, quantile } from "./contrast.ts";
import { type Peak, Peaks } from "./peak.ts";
import { boxMean, newPlane, type Plane } from "./planes.ts";

/** Pixels of a side that a lamp, a mark or a few letters take. */
const SPOT = 10;
/** Levels of a difference that is none. */
const SLIGHT = 2;
/** Levels by which a coarse compression rounds areas without contrast. */
const ROUNDING = 3;
/** Levels from grey from which on a place has a colour. */
const COLOURED = 10;

export interface ToneDifference {
  /** Difference of brightness or colour of 16 pixels, as a share of the contrast there. */
  readonly colour: Peak;
  /** The same where there is no contrast, in levels of 255. */
  readonly flat: Peak;
  /** Difference of colour alone, whatever the brightness, of 10 pixels, and what 90 % of the coloured places stay below, in levels. */
  readonly tint: Peak;
  readonly tints: number;
  /** The same of few pixels, as a share of the contrast of colours there, and what 99 % of the places with such contrast stay below. */
  readonly hue: Peak;
  readonly hues: number;
}

/** @param a, b brightness and the two differences of colour. @param radius of the squares */
export function coloursOf(
  a: readonly Plane[],
  b: readonly Plane[],
  radius: number,
): Pick<ToneDifference, "colour" | "flat"> {
  const { width, height } = a[0]!;
  const contrasts = a.map((plane, c) => contrastOf(plane, b[c]!, radius).data);
  const [colour, flat] = [new Peaks(width, height), new Peaks(width, height)];
  for (const [c, plane] of a.entries()) {
    const apart = newPlane(width, height);
    for (let i = 0; i < apart.data.length; i++) apart.data[i] = plane.data[i]! - b[c]!.data[i]!;
    const off = boxMean(apart, radius).data;
    for (let i = 0; i < off.length; i++) {
      const far = Math.abs(off[i]!);
      if (far < SLIGHT) continue;
      const contrast = Math.max(contrasts[0]![i]!, contrasts[1]![i]!, contrasts[2]![i]!);
      const [x, y] = [i % width, Math.floor(i / width)];
      if (contrast < QUIET / 2) flat.add(x, y, far);
      colour.add(x, y, far / (QUIET + contrast));
    }
  }
  return { colour: colour.peak(SLIGHT / QUIET), flat: flat.peak(ROUNDING) };
}

/** Compression spreads colours over its blocks: what is far from usual at one place alone is a difference. */
export function tintsOf(
  a: readonly Plane[],
  b: readonly Plane[],
  enlarged: number,
): Pick<ToneDifference, "tint" | "tints"> {
  const radius = Math.max(1, Math.round((enlarged * SPOT) / 5));
  const { width, height } = a[0]!;
  const tint = new Peaks(width, height);
  const coloured: number[] = [];
  const planes = a.map((plane, c) => [boxMean(plane, radius).data, boxMean(b[c]!, radius).data] as const);
  for (let i = 0; i < a[0]!.data.length; i++) {
    let [apart, colour] = [0, 0];
    for (const [one, other] of planes) {
      apart = Math.max(apart, Math.abs(one[i]! - other[i]!));
      colour = Math.max(colour, Math.abs(one[i]!), Math.abs(other[i]!));
    }
    tint.add(i % width, Math.floor(i / width), apart);
    if (colour > COLOURED && (i & 3) === 0) coloured.push(apart);
  }
  return { tint: tint.peak(), tints: quantile(coloured, 0.9) };
}

/** A few pixels of another colour and the same brightness: a digit that is written in orange on grey, a pixel of a sprite. */
export function huesOf(a: readonly Plane[], b: readonly Plane[]): Pick<ToneDifference, "hue" | "hues"> {
  const [one] = a as [Plane, ...Plane[]];
  const apart = newPlane(one.width, one.height);
  const contrast = newPlane(one.width, one.height);
  apart.data.fill(0);
  contrast.data.fill(0);
  for (const [c, plane] of a.entries()) {
    const [p, q] = [boxMean(plane, 1).data, boxMean(b[c]!, 1).data];
    const own = contrastOf(plane, b[c]!, 4).data;
    for (let i = 0; i < p.length; i++) {
      apart.data[i] = Math.max(apart.data[i]!, Math.abs(p[i]! - q[i]!) - NOISE);
      contrast.data[i] = Math.max(contrast.data[i]!, own[i]!);
    }
  }
  const means = boxMean(apart, 1).data;
  const hue = new Peaks(one.width, one.height);
  const shares: number[] = [];
  for (let i = 0; i < means.length; i++) {
    const share = means[i]! / (QUIET + contrast.data[i]!);
    hue.add(i % one.width, Math.floor(i / one.width), share);
    if (contrast.data[i]! > QUIET / 2 && (i & 3) === 0) shares.push(share);
  }
  return { hue: hue.peak(), hues: quantile(shares, 0.99) };
}

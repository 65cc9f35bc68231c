import { align, levelMapping, wholeOnWhole } from "./align.ts";
import { coloursOn, type Ground, type Laid, lightOn, type Raster } from "./lay.ts";
import { boxMean, cut, halved, type Mapping, newPlane, type Plane, range3, resampled, withScratch } from "./planes.ts";

/** How two pictures differ once one is laid on the other. */
export interface Difference {
  /** Greatest difference of strokes at a place, as a share of the contrast there. */
  readonly stroke: number;
  /** Difference of strokes that 90 % of the places with contrast stay below: what a coarse compression does all over. */
  readonly strokes: number;
  /** The same without regard to where within a pixel a stroke lies: the greatest, and what 99 % stay below. */
  readonly exact: number;
  readonly exacts: number;
  /** Greatest difference of brightness or colour of 16 pixels, as a share of the contrast there. */
  readonly colour: number;
  /** Greatest difference of brightness or colour of 16 pixels where there is no contrast, in levels of 255. */
  readonly flat: number;
  /** Greatest difference of colour alone, whatever the brightness, of 10 pixels, and what 90 % of the coloured places stay below, in levels. */
  readonly tint: number;
  readonly tints: number;
  /** Correlation of the details, -1..1. */
  readonly detail: number;
  /** Least part of the two pictures, along a side, that lies on the other. */
  readonly shared: number;
  /**
   * How far they are from lying one within the other at one scale, in pixels of the smaller one: a copy that was resized or
   * cut is 0. Two frames of a film, or two windows on a map, each have what the other one has not.
   */
  readonly apart: number;
}

/** What finding how a copy lies may be off by, in pixels of the smaller one. */
export const MOST_APART = 0.7;
/** What is added to the contrast of a place, in levels of 255: where there is none, so much is no difference yet. */
const QUIET = 24;
/** Mean square of details that are no more than noise. */
const FAINT = 2;
/** Pixels of a side within which JPEG gives colours away for their mean. */
const BLOCK = 16;
/** Pixels of a side that a lamp, a mark or a few letters take. */
const SPOT = 10;
/** Levels from grey from which on a place has a colour. */
const COLOURED = 10;
/** Levels that any compression may change. */
const NOISE = 4;

/** @param at how the two lie before they are laid on each other */
export function differenceOf(target: Raster, source: Raster, ground: Ground, at: Laid): Difference {
  const { enlarged } = at;
  return withScratch(() => {
    const [one, other] = [lightOn(target, ground), lightOn(source, ground)];
    const mapping = mappingOf(one, other, at);
    const [left, right] = inside(mapping.scaleX, mapping.shiftX, one.width, other.width);
    const [top, bottom] = inside(mapping.scaleY, mapping.shiftY, one.height, other.height);
    const shared = Math.min(
      (right - left) / one.width,
      (bottom - top) / one.height,
      ((right - left) * mapping.scaleX) / other.width,
      ((bottom - top) * mapping.scaleY) / other.height,
    );
    const apart = apartOf(mapping, one, other, at.skew) / enlarged;
    if (right - left < 8 || bottom - top < 8) return { ...NOTHING_IN_COMMON, shared, apart };
    const a = cut(one, left, top, right, bottom);
    const b = cut(resampled(other, mapping, one.width, one.height), left, top, right, bottom);
    // Colours and the correlation need no more than half of that.
    const [p, q] = [halved(a), halved(b)];
    const half = levelMapping(mapping, 2);
    const corner = [left >> 1, top >> 1, (left >> 1) + p.width, (top >> 1) + p.height] as const;
    const colours = coloursOn(target, ground).map((plane) => cut(plane, ...corner));
    const others = coloursOn(source, ground).map((plane) =>
      cut(resampled(plane, half, one.width >> 1, one.height >> 1), ...corner),
    );
    const radius = Math.max(2, Math.round((enlarged * BLOCK) / 4));
    return {
      ...strokesOf(a, b),
      ...coloursOf([p, ...colours], [q, ...others], radius),
      ...tintsOf(colours, others, Math.max(1, Math.round((enlarged * SPOT) / 5))),
      detail: detailOf(p, q),
      shared,
      apart,
    };
  });
}

/** All on all where nothing was cut off, or where how they seem to lie cannot be that of a copy. */
function mappingOf(one: Plane, other: Plane, { asTheyAre, sameShape, skew, enlarged }: Laid): Mapping {
  if (asTheyAre) return wholeOnWhole(one, other);
  const found = align(one, other);
  const cannotBe = apartOf(found, one, other, skew) > MOST_APART * enlarged;
  return sameShape && cannotBe ? wholeOnWhole(one, other) : found;
}

type Size = Pick<Plane, "width" | "height">;

const NOTHING_IN_COMMON = {
  tint: 255,
  tints: 255,
  stroke: 9,
  strokes: 9,
  exact: 9,
  exacts: 9,
  colour: 9,
  flat: 255,
  detail: -1,
} as const;

/** From an even pixel on, those of a row that lie in the other picture. */
function inside(scale: number, shift: number, length: number, other: number): [number, number] {
  const from = Math.max(0, Math.ceil(-shift / scale - 0.5));
  return [from + (from & 1), Math.min(length, Math.floor((other - 1 - shift) / scale + 0.5) + 1)];
}

/** Of the three ways in which a copy can lie, the nearest: all on all, or one within the other at the same scale along both axes. */
function apartOf(m: Mapping, target: Size, source: Size, skew: number): number {
  const ends = (scale: number, shift: number, length: number, other: number) => [
    // Where the source begins and ends, in pixels of the target: above 0, the target reaches beyond it.
    (-0.5 - shift) / scale + 0.5,
    length - ((other - 0.5 - shift) / scale + 0.5),
  ];
  const all = [
    ...ends(m.scaleX, m.shiftX, target.width, source.width),
    ...ends(m.scaleY, m.shiftY, target.height, source.height),
  ];
  const [most, least] = [Math.max(...all), Math.min(...all)];
  const bent = Math.abs((m.scaleX / m.scaleY) * skew - 1) * Math.max(target.width, target.height);
  return Math.min(Math.max(most, -least), Math.max(Math.min(most, -least), bent / 2));
}

function strokesOf(one: Plane, other: Plane): Pick<Difference, "stroke" | "strokes" | "exact" | "exacts"> {
  const [a, b] = [boxMean(one, 1), boxMean(other, 1)];
  const { width, height } = a;
  const [about, exactly] = [newPlane(width, height), newPlane(width, height)];
  fillDifferences(a, b, about.data, exactly.data);
  const [means, exacts] = [boxMean(about, 2).data, boxMean(exactly, 2).data];
  const contrast = contrastOf(halved(a), halved(b), 3);
  let stroke = 0;
  let exact = 0;
  const shares: number[] = [];
  const exactShares: number[] = [];
  for (let y = 0; y < height; y++) {
    const row = Math.min(contrast.height - 1, y >> 1) * contrast.width;
    for (let x = 0; x < width; x++) {
      const c = contrast.data[row + Math.min(contrast.width - 1, x >> 1)]!;
      const share = means[y * width + x]! / (QUIET + c);
      const exactShare = exacts[y * width + x]! / (QUIET + c);
      if (share > stroke) stroke = share;
      if (exactShare > exact) exact = exactShare;
      if (c > QUIET && (x & 3) === 0 && (y & 3) === 0) {
        shares.push(share);
        exactShares.push(exactShare);
      }
    }
  }
  return { stroke, strokes: quantile(shares, 0.9), exact, exacts: quantile(exactShares, 0.99) };
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

function quantile(values: number[], part: number): number {
  return values.sort((p, q) => p - q)[Math.floor(part * values.length)] ?? 0;
}

/** Twice the standard deviation of squares, of the picture that has more. */
function contrastOf(a: Plane, b: Plane, radius: number): Plane {
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

function coloursOf(a: readonly Plane[], b: readonly Plane[], radius: number): Pick<Difference, "colour" | "flat"> {
  const { width, height } = a[0]!;
  const contrasts = a.map((plane, c) => contrastOf(plane, b[c]!, radius).data);
  let colour = 0;
  let flat = 0;
  for (const [c, plane] of a.entries()) {
    const apart = newPlane(width, height);
    for (let i = 0; i < apart.data.length; i++) apart.data[i] = plane.data[i]! - b[c]!.data[i]!;
    const off = boxMean(apart, radius).data;
    for (let i = 0; i < off.length; i++) {
      const far = Math.abs(off[i]!);
      if (far < 2) continue;
      const contrast = Math.max(contrasts[0]![i]!, contrasts[1]![i]!, contrasts[2]![i]!);
      if (contrast < QUIET / 2 && far > flat) flat = far;
      if (far / (QUIET + contrast) > colour) colour = far / (QUIET + contrast);
    }
  }
  return { colour, flat };
}

/** Compression spreads colours over its blocks: what is far from usual at one place alone is a difference. */
function tintsOf(a: readonly Plane[], b: readonly Plane[], radius: number): Pick<Difference, "tint" | "tints"> {
  let tint = 0;
  const coloured: number[] = [];
  const planes = a.map((plane, c) => [boxMean(plane, radius).data, boxMean(b[c]!, radius).data] as const);
  for (let i = 0; i < a[0]!.data.length; i++) {
    let [apart, colour] = [0, 0];
    for (const [one, other] of planes) {
      apart = Math.max(apart, Math.abs(one[i]! - other[i]!));
      colour = Math.max(colour, Math.abs(one[i]!), Math.abs(other[i]!));
    }
    if (apart > tint) tint = apart;
    if (colour > COLOURED && (i & 3) === 0) coloured.push(apart);
  }
  return { tint, tints: quantile(coloured, 0.9) };
}

function detailOf(one: Plane, other: Plane): number {
  const [a, b] = [detailsOf(one), detailsOf(other)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  // What compression adds to pictures with hardly any detail says nothing.
  const noise = FAINT * a.length;
  return (ab + noise) / (Math.sqrt(aa * bb) + noise);
}

/** What is finer than a twenty-fourth of the longer side. */
function detailsOf(plane: Plane): Float32Array {
  const low = boxMean(plane, Math.max(4, Math.round(Math.max(plane.width, plane.height) / 48)));
  const details = boxMean(plane, 1).data;
  for (let i = 0; i < details.length; i++) details[i]! -= low.data[i]!;
  return details;
}

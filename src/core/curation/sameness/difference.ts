import { align, levelMapping, wholeOnWhole } from "./align.ts";
import { coloursOn, type Ground, type Laid, lightOn, type Raster } from "./lay.ts";
import { boxMean, cut, halved, type Mapping, type Plane, resampled, withScratch } from "./planes.ts";
import { type SpeckDifference, specksOf } from "./specks.ts";
import { type StrokeDifference, strokesAtWorst, strokesOf } from "./strokes.ts";
import { coloursOf, huesOf, type ToneDifference, tintsOf } from "./tones.ts";

/** How two pictures differ once one is laid on the other. */
export interface Difference extends StrokeDifference, ToneDifference, SpeckDifference {
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
/** Mean square of details that are no more than noise. */
const FAINT = 2;
/** Pixels of a side within which JPEG gives colours away for their mean. */
const BLOCK = 16;

/** What ends a comparison: nobody asks how far apart the two are beyond that. */
export interface Enough {
  /** @param stroke, exact at one place, as of a `Difference` */
  isPlaceEnough(stroke: number, exact: number): boolean;
  /** @param difference nothing in it is greater than it is; colours may not have been looked at */
  isEnough(difference: Difference): boolean;
}

/**
 * @param at how the two lie before they are laid on each other
 * @returns where something is enough, what was found until then, and no difference in what was not looked at
 */
export function differenceOf(target: Raster, source: Raster, ground: Ground, at: Laid, enough: Enough): Difference {
  const { enlarged } = at;
  return withScratch(() => {
    const { mapping, shared, apart, common } = laidOn(target, source, ground, at);
    if (common === undefined) return { ...NOTHING_IN_COMMON, shared, apart };
    const { a, b, p, q, left, top } = common;
    const found = { ...NO_DIFFERENCE, detail: detailOf(p, q), shared, apart };
    if (enough.isEnough(found)) return found;
    const worst = strokesAtWorst(a, b);
    if (enough.isPlaceEnough(worst.stroke, worst.exact)) {
      return { ...found, stroke: everywhere(worst.stroke), exact: everywhere(worst.exact) };
    }
    const withStrokes = {
      ...found,
      ...strokesOf(a, b, (strokes) => enough.isEnough({ ...found, ...strokes })),
    };
    if (enough.isEnough(withStrokes)) return withStrokes;
    const half = levelMapping(mapping, 2);
    const corner = [left >> 1, top >> 1, (left >> 1) + p.width, (top >> 1) + p.height] as const;
    const colours = coloursOn(target, ground).map((plane) => cut(plane, ...corner));
    const others = coloursOn(source, ground).map((plane) =>
      cut(resampled(plane, half, target.width >> 1, target.height >> 1), ...corner),
    );
    const radius = Math.max(2, Math.round((enlarged * BLOCK) / 4));
    return {
      ...withStrokes,
      ...coloursOf([p, ...colours], [q, ...others], radius),
      ...tintsOf(colours, others, enlarged),
      ...huesOf(colours, others),
      ...specksOf(target, source, ground, at),
    };
  });
}

/** The correlation of details alone. */
export function detailOn(target: Raster, source: Raster, ground: Ground, at: Laid): number {
  return withScratch(() => {
    const { common } = laidOn(target, source, ground, at);
    return common === undefined ? NOTHING_IN_COMMON.detail : detailOf(common.p, common.q);
  });
}

interface LaidOn extends Pick<Difference, "shared" | "apart"> {
  readonly mapping: Mapping;
  /** Brightness of what both show, and the same at half its size; undefined where that is next to nothing. */
  readonly common?: Readonly<Record<"a" | "b" | "p" | "q", Plane> & Record<"left" | "top", number>>;
}

function laidOn(target: Raster, source: Raster, ground: Ground, at: Laid): LaidOn {
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
  const apart = apartOf(mapping, one, other, at) / at.enlarged;
  if (right - left < 8 || bottom - top < 8) return { mapping, shared, apart };
  const a = cut(one, left, top, right, bottom);
  const b = cut(resampled(other, mapping, one.width, one.height), left, top, right, bottom);
  // Colours and the correlation need no more than half of that.
  return { mapping, shared, apart, common: { a, b, p: halved(a), q: halved(b), left, top } };
}

/** All on all where nothing was cut off, or where how they seem to lie cannot be that of a copy. */
function mappingOf(one: Plane, other: Plane, at: Laid): Mapping {
  if (at.asTheyAre) return wholeOnWhole(one, other);
  const found = align(one, other);
  const cannotBe = apartOf(found, one, other, at) > MOST_APART * at.enlarged;
  return at.sameShape && cannotBe ? wholeOnWhole(one, other) : found;
}

type Size = Pick<Plane, "width" | "height">;

const everywhere = (value: number) => ({ most: value, elsewhere: value });

const NOTHING_IN_COMMON = {
  tint: everywhere(255),
  tints: 255,
  stroke: everywhere(9),
  strokes: 9,
  exact: everywhere(9),
  exacts: 9,
  outlier: everywhere(9),
  hue: everywhere(9),
  hues: 0,
  speck: 255,
  specks: 255,
  colour: everywhere(9),
  flat: everywhere(255),
  detail: -1,
} as const;

const NO_DIFFERENCE = {
  tint: everywhere(0),
  tints: 0,
  stroke: everywhere(0),
  strokes: 0,
  exact: everywhere(0),
  exacts: 0,
  outlier: everywhere(0),
  hue: everywhere(0),
  hues: 0,
  speck: 0,
  specks: 0,
  colour: everywhere(0),
  flat: everywhere(0),
} as const;

/** From an even pixel on, those of a row that lie in the other picture. */
function inside(scale: number, shift: number, length: number, other: number): [number, number] {
  const from = Math.max(0, Math.ceil(-shift / scale - 0.5));
  return [from + (from & 1), Math.min(length, Math.floor((other - 1 - shift) / scale + 0.5) + 1)];
}

/**
 * Of the three ways in which a copy can lie, the nearest: all on all, or one within the other at the same scale along both axes.
 * Where both have one shape, nothing but a few pixels was cut off, and that at the same scale as before: a thing that fills a
 * little more of a like picture is another picture.
 */
function apartOf(m: Mapping, target: Size, source: Size, { originals: [x, y], sameShape }: Laid): number {
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
  const side = Math.max(target.width, target.height);
  const [across, down] = [m.scaleX * x, m.scaleY * y];
  const bent = Math.abs(across / down - 1) * side;
  const resized = sameShape ? Math.max(Math.abs(across - 1), Math.abs(down - 1)) * side : 0;
  return Math.min(Math.max(most, -least), Math.max(Math.min(most, -least), bent / 2, resized / 2));
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

import { conversions } from "./colours.ts";
import { type Difference, detailOn, differenceOf, type Enough, MOST_APART } from "./difference.ts";
import { isEdited } from "./edited.ts";
import { asDrawn } from "./grid.ts";
import { isLostInGrain, isMixed } from "./hidden.ts";
import { atOneSize, type Ground, hasSameAspect, type Laid, type Raster } from "./lay.ts";
import { lostAt } from "./lost.ts";
import { isMoved } from "./moved.ts";
import type { Peak } from "./peak.ts";
import { isSamePlain, plainColour } from "./plain.ts";
import type { SeenPicture } from "./seen.ts";
import { groundsOf } from "./transparency.ts";

/**
 * What another size, format or compression, or a few pixels less, may change. Chosen by `npm run bench -- duplicates`
 * (docs/duplicates.md): copies stay below, pictures of which a digit, a stroke or a colour differs do not.
 */
const LIMITS = {
  /** What is seen all over is the compression; what is seen at one place alone is a difference. */
  stroke: { least: 0.27, most: 0.46, timesUsual: 6 },
  /** The same to the pixel. */
  exact: { least: 0.12, most: 0.75, timesUsual: 3.6 },
  strokes: 0.16,
  outlier: 2.25,
  colour: 0.3,
  flat: 5.5,
  /** As of `exact`, in levels: a lamp that is red in one and green in the other, a line of another colour. */
  tint: { least: 12, most: 22, timesUsual: 3 },
  tints: 12,
  /** As of `exact`: a digit in another colour than its ground and as bright. */
  hue: { least: 0.28, most: 0.75, timesUsual: 1.1 },
  /** As of `exact`, in levels. Of an icon that was compressed more coarsely than that nothing is known. */
  speck: { least: 24, most: 150, timesUsual: 3 },
  specks: 34,
  detail: 0.86,
  shared: 0.88,
} as const;
/** Levels of brightness that the presses of the world differ by. */
const PRINT = {
  flat: 14,
  colour: 0.5,
  tint: { least: 30, most: 30, timesUsual: 0 },
  tints: 30,
  hue: { least: 0.5, most: 0.75, timesUsual: 1.1 },
  specks: 48,
};
/**
 * One place that differs by so many times what any other place does, and by so much of a limit: as a compression changes all places
 * of a kind, it may be what is left of something that differs.
 */
const ALONE = { part: 0.4, times: 1.75 };
/** Part of the contrast by which a digit and another one differ, at the least favourable. */
const A_DIGIT = 0.6;
/** What mixing pixels changes, as a multiple of the limits: the ones for strokes say little of single pixels. */
const MIXED = 3;
/** The more of its strokes a picture loses at the size of the other one, the nearer what is left has to be: up to this part of a limit. */
const nearEnough = (lost: number) => 2 * (1 - lost);
/** Strokes are compared by brightness: of those that are seen by their colour, no more than this part may be lost. */
const LOST_COLOURS = 0.3;
/** Least correlation of details of two small pictures of one. */
const MAY_BE = 0.75;
/** Limits are no sharp line: what passes one by less than a quarter cannot be told either way. */
export const BAND = 1.25;
/** A place alone is not summed up in the order in which all of a picture is. */
const ROUNDED = 1.001;
/** Aspect ratios of a picture and of one that was cut by a few pixels differ by no more (natural logarithm). */
const ASPECT = 0.16;

interface Closeness {
  /** The greatest part of a limit that is taken. */
  readonly apart: number;
  /** Whether one place differs by far more than all others, or all over so much that a digit would be lost. */
  readonly unsure: boolean;
}

/** How far two pictures are from being the same but for size, format, compression and a few pixels at the edges. */
export interface Apartness {
  /** The greatest part of a limit that is taken: 0 for the same bytes, above 1 where a limit is passed; far above `BAND` no measure. */
  readonly apart: number;
  /** One of the two may hide what differs, however near they are. */
  readonly hidden: boolean;
}

const ANOTHER: Apartness = { apart: Number.POSITIVE_INFINITY, hidden: false };
const ONE: Apartness = { apart: 0, hidden: false };

export async function apartness(a: SeenPicture, b: SeenPicture): Promise<Apartness> {
  if (Buffer.compare(a.hash, b.hash) === 0) return ONE;
  if (a.bytesOnly || b.bytesOnly || a.frames > 1 !== b.frames > 1) return ANOTHER;
  return stillApartness(a, b);
}

/** Whether two pictures may be the same as far as small ones tell, each of one size: what `apartness` would not deny. */
export async function mayBeSame(a: SeenPicture, b: SeenPicture): Promise<boolean> {
  if (Buffer.compare(a.hash, b.hash) === 0) return true;
  if (a.bytesOnly || b.bytesOnly || a.frames > 1 !== b.frames > 1 || !hasSameShape(a, b)) return false;
  const [one, other] = [plainColour(a.pixels), plainColour(b.pixels)];
  // A few strokes may be too faint at this size.
  if (one !== undefined || other !== undefined) return true;
  const [small, large] = bySize(a, b);
  const { target, source, at } = await atOneSize(small, large, 1);
  const grounds = groundsOf(target, source, small.opaque, large.opaque);
  return grounds.length > 0 && grounds.every((ground) => detailOn(target, source, ground, at) >= MAY_BE);
}

/** The same of one frame each. */
export async function stillApartness(a: SeenPicture, b: SeenPicture): Promise<Apartness> {
  if (!hasSameShape(a, b)) return ANOTHER;
  const [one, other] = [plainColour(a.pixels), plainColour(b.pixels)];
  if (one !== undefined || other !== undefined) {
    return isSamePlain(one, other) && a.fullWidth === b.fullWidth && a.fullHeight === b.fullHeight ? ONE : ANOTHER;
  }
  const [drawnA, drawnB] = asBothAreDrawn(a, b);
  const [small, large] = bySize(drawnA, drawnB);
  const squares = drawnA !== a || drawnB !== b;
  const oneSize = small.width === large.width && small.height === large.height;
  const { target, source, at } = await atOneSize(small, large);
  const grounds = groundsOf(target, source, small.opaque, large.opaque);
  if (grounds.length === 0) return ANOTHER;
  const mixed = isMixed(small, large);
  const most = mixed ? MIXED * BAND : BAND;
  const { apart, unsure } = await leastApart(target, source, grounds, at, a.print || b.print, most);
  if (apart > most || (oneSize && isEdited(small, large, squares))) return ANOTHER;
  if (mixed) return { apart: apart / MIXED, hidden: true };
  if (unsure || apart > 1 || isLostInGrain(large, apart)) return { apart, hidden: true };
  if (oneSize && isMoved(small, large, grounds)) return { apart, hidden: true };
  const { strokes, colours } = await lostAt(large, small, grounds);
  return { apart, hidden: apart > nearEnough(strokes) || colours > LOST_COLOURS };
}

/** By the likeliest of all ways that colours may have gone. @param most beyond which nobody asks how far apart they are */
async function leastApart(
  target: Raster,
  source: Raster,
  grounds: readonly Ground[],
  at: Laid,
  print: boolean,
  most: number,
): Promise<Closeness> {
  const ways = await conversions(target, source, print ? 0 : 0.5);
  const enough = enoughBy(LIMITS, most, ways.length > 0);
  const [first, ...others] = grounds.map((ground) => () => differenceOf(target, source, ground, at, enough));
  const difference = first!();
  let least = closeness(difference);
  // On one ground another picture is another one.
  if (!enough.isEnough(difference)) least = farthest([least, ...others.map((other) => closeness(other()))]);
  if (isMoreThanColours(difference) || least.apart <= 1) return least;
  for (const convert of ways) {
    const limits = print ? { ...LIMITS, ...PRINT } : LIMITS;
    const [one, other] = await convert();
    const found = farthest(
      grounds.map((ground) => closeness(differenceOf(one, other, ground, at, enoughBy(limits, most, false)), limits)),
    );
    if (found.apart < least.apart) least = found;
    if (least.apart <= 1) return least;
  }
  return least;
}

/** Where more than colours differs, no conversion explains it. */
function isMoreThanColours({ shared, apart, detail }: Difference): boolean {
  return shared < LIMITS.shared || apart > MOST_APART || detail < LIMITS.detail;
}

/** @param convertible whether another way of colours may bring the two nearer to each other */
function enoughBy(limits: Limits, most: number, convertible: boolean): Enough {
  return {
    isPlaceEnough: (stroke, exact) =>
      !convertible && Math.max(stroke / limits.stroke.most, exact / limits.exact.most) > ROUNDED * most,
    isEnough: (difference) =>
      (!convertible || isMoreThanColours(difference)) && closeness(difference, limits).apart > most,
  };
}

function farthest(all: readonly Closeness[]): Closeness {
  return { apart: Math.max(...all.map(({ apart }) => apart)), unsure: all.some(({ unsure }) => unsure) };
}

/** Two enlargements of pictures of one size as those; any others as they are. */
function asBothAreDrawn(a: SeenPicture, b: SeenPicture): [SeenPicture, SeenPicture] {
  const [one, other] = [asDrawn(a), asDrawn(b)];
  return one.width === other.width && one.height === other.height ? [one, other] : [a, b];
}

interface Usual {
  readonly least: number;
  readonly most: number;
  readonly timesUsual: number;
}
type Limits = {
  readonly [K in keyof typeof LIMITS]: K extends "stroke" | "exact" | "tint" | "hue" | "speck" ? Usual : number;
};

/** What a place may differ by, given what most places of this pair do. */
function allowed({ least, most, timesUsual }: Usual, usual: number): number {
  return Math.min(most, least + timesUsual * usual);
}

function closeness(d: Difference, limits: Limits = LIMITS): Closeness {
  const atPlaces: readonly (readonly [Peak, number])[] = [
    [d.stroke, allowed(limits.stroke, d.strokes)],
    [d.exact, allowed(limits.exact, d.exacts)],
    [d.outlier, limits.outlier],
    [d.tint, allowed(limits.tint, d.tints)],
    [d.hue, allowed(limits.hue, d.hues)],
    [d.colour, limits.colour],
    [d.flat, limits.flat],
  ];
  const apart = Math.max(
    (1 - d.shared) / (1 - limits.shared),
    d.apart / MOST_APART,
    (1 - d.detail) / (1 - limits.detail),
    ...atPlaces.map(([{ most }, limit]) => most / limit),
    d.strokes / limits.strokes,
    d.tints / limits.tints,
    d.speck / allowed(limits.speck, d.specks),
    d.specks / limits.specks,
  );
  // Strokes as a share of the contrast differ at a place or two where hardly anything does.
  const alone = atPlaces
    .slice(2)
    .some(([{ most, elsewhere }, limit]) => most > ALONE.part * limit && most > ALONE.times * elsewhere);
  return { apart, unsure: alone || allowed(limits.exact, d.exacts) > A_DIGIT };
}

function bySize(a: SeenPicture, b: SeenPicture): [SeenPicture, SeenPicture] {
  return a.width * a.height <= b.width * b.height ? [a, b] : [b, a];
}

function hasSameShape(a: SeenPicture, b: SeenPicture): boolean {
  return (
    Math.abs(Math.log((a.fullWidth * b.fullHeight) / (a.fullHeight * b.fullWidth))) < ASPECT || hasSameAspect(a, b)
  );
}

import { COLOURED, classColours } from "./classColours.ts";
import { CLASS_COLOURS } from "./palette.ts";
import { type Range, SCALE_STEPS } from "./scale.ts";

/** Colours of categories; see `CLASS_COLOURS`. */
export const LABEL_COLOURS = CLASS_COLOURS.light.length;
/** The palette: those colours, one for everything without a colour of its own, then the scale of numbers. */
export const [OTHER, SCALE] = [LABEL_COLOURS, LABEL_COLOURS + 1] as const;

export interface Categories {
  /** The most frequent first. */
  readonly names: readonly string[];
  /** int32 `[count]`: index into the names; -1 is none. */
  readonly codes: Int32Array;
}

/** A category in the legend. */
export interface Category {
  readonly code: number;
  readonly name: string;
  readonly count: number;
  /** Place in the palette. */
  readonly colour: number;
  /** It has a colour because it was chosen. */
  readonly chosen: boolean;
}

/**
 * The categories with their colours: of those that were chosen where there are any, else of the most frequent ones. Categories that
 * lie side by side in the map have other colours; the same one comes again far away.
 * @param chosen codes
 * @param points float32 `[count, 2]` of the map that decides; while there is none, colours repeat in order
 */
export function colouredCategories(
  { names, codes }: Categories,
  chosen: readonly number[],
  points?: Float32Array,
): Category[] {
  const counts = new Int32Array(names.length);
  for (const code of codes) if (code >= 0) counts[code]!++;
  const coloured = (chosen.length === 0 ? [...names.keys()] : [...chosen]).slice(0, COLOURED);
  const places = new Int32Array(names.length).fill(-1);
  for (const [place, code] of coloured.entries()) places[code] = place;
  const placed = codes.map((code) => places[code] ?? -1);
  const colours = classColours(placed, coloured.length, LABEL_COLOURS, points);
  return names.map((name, code) => {
    const colour = colours[places[code]!] ?? OTHER;
    return { code, name, count: counts[code]!, colour, chosen: chosen.includes(code) };
  });
}

/** uint8 `[count]`: each image's place in the palette. */
export function categoryColours({ codes }: Categories, all: readonly Category[]): Uint8Array {
  return Uint8Array.from(codes, (code) => all[code]?.colour ?? OTHER);
}

/** uint8 `[count]`: each number's place in the palette; those without a value are grey. */
export function numberColours(values: Float64Array, { low, high }: Range): Uint8Array {
  return Uint8Array.from(values, (value) => {
    if (!Number.isFinite(value)) return OTHER;
    const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
    return SCALE + Math.round(share * (SCALE_STEPS - 1));
  });
}

import { type Range, SCALE_STEPS } from "./scale.ts";

/** Categories with a colour of their own; those of the page's style are `--label-0` and so on. */
export const LABEL_COLOURS = 8;
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
 * The categories with their colours: of those that were chosen where there are any, else of the most frequent ones.
 * @param chosen codes, in the order in which they get colours
 */
export function colouredCategories({ names, codes }: Categories, chosen: readonly number[]): Category[] {
  const counts = new Int32Array(names.length);
  for (const code of codes) if (code >= 0) counts[code]!++;
  return names.map((name, code) => {
    const place = chosen.length === 0 ? code : chosen.indexOf(code);
    const own = place >= 0 && place < LABEL_COLOURS;
    return { code, name, count: counts[code]!, colour: own ? place : OTHER, chosen: chosen.includes(code) };
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

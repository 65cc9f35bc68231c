/** Red, green, blue and opacity, 0..255. */
export type Colour = readonly [number, number, number, number];

/** Levels between the brightest and the darkest place of a picture that shows nothing. */
const NOTHING = 5;
/** Levels by which plain pictures of one colour may differ: what a coarse compression rounds. */
const ROUNDING = 3;

/** The colour of a picture that has only one; undefined where it shows something. @param rgba uint8 */
export function plainColour(rgba: Uint8Array): Colour | undefined {
  const low = [255, 255, 255, 255];
  const high = [0, 0, 0, 0];
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < rgba.length; i += 4) {
    for (let c = 0; c < 4; c++) {
      // Of what is not seen there is no colour.
      const v = c < 3 ? (rgba[i + c]! * rgba[i + 3]!) / 255 : rgba[i + 3]!;
      if (v < low[c]!) low[c] = v;
      if (v > high[c]!) high[c] = v;
      sums[c]! += v;
    }
    if ((i & 0xfff) === 0 && high.some((v, c) => v - low[c]! > NOTHING)) return undefined;
  }
  if (high.some((v, c) => v - low[c]! > NOTHING)) return undefined;
  return sums.map((sum) => sum / (rgba.length / 4)) as unknown as Colour;
}

/** A plain picture and one that shows something are never the same. */
export function isSamePlain(a: Colour | undefined, b: Colour | undefined): boolean {
  return a !== undefined && b !== undefined && a.every((v, c) => Math.abs(v - b[c]!) <= ROUNDING);
}

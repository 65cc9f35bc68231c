import type { Raster } from "./lay.ts";
import { boxMean, newPlane } from "./planes.ts";

/** Levels, of 255, that a change of format may round. */
const ROUNDING = 1;
/** A difference that is seen, in levels: of a pixel, and of 5 x 5 or of a square that stands for a pixel. */
const SEEN = 16;
const SEEN_AREA = 3;
/** Levels between neighbours where there is an edge. */
const EDGE = 24;
/** Share of the edges that no compression would have left as they are. */
const UNTOUCHED = 0.9;
/** Share of all pixels that an edit at a place or two changes. */
const FEW = 0.05;

/**
 * Whether one picture is the other with something changed at a few places. A compression changes edges everywhere, a change of
 * format none: where nearly all are the same to the last level, what is not was changed by somebody.
 * @param a of the same width and height as `b`
 * @param squares whether a pixel stands for a square of many
 */
export function isEdited(a: Raster, b: Raster, squares: boolean): boolean {
  const { width, height } = a;
  const [one, other] = [seenColours(a.pixels), seenColours(b.pixels)];
  const apartness = newPlane(width, height);
  let [edges, untouched, changed, most] = [0, 0, 0, 0];
  // Where all that changed has one colour in each, that colour was replaced: a compression, or fewer colours, change many in many ways.
  let first = -1;
  let isReplaced = true;
  for (let i = 0; i < width * height; i++) {
    const apart = distance(one, i, other, i);
    if (apart > ROUNDING) {
      changed++;
      if (first < 0) first = i;
      else isReplaced &&= distance(one, i, one, first) === 0 && distance(other, i, other, first) === 0;
    }
    if (apart > most) most = apart;
    apartness.data[i] = apart;
    const right = (i + 1) % width === 0 ? i : i + 1;
    const below = i + width < width * height ? i + width : i;
    if (Math.max(distance(one, i, one, right), distance(one, i, one, below)) < EDGE) continue;
    edges++;
    if (apart <= ROUNDING) untouched++;
  }
  if (changed > FEW * width * height || (untouched < UNTOUCHED * edges && !isReplaced)) return false;
  return most > (squares ? SEEN_AREA : SEEN) || boxMean(apartness, 2).data.some((mean) => mean > SEEN_AREA);
}

/** RGBA with colours that count as much as they are seen. */
function seenColours(rgba: Uint8Array): Uint8Array {
  const seen = new Uint8Array(rgba.length);
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]!;
    for (let c = 0; c < 3; c++) seen[i + c] = (rgba[i + c]! * alpha + 127) / 255;
    seen[i + 3] = alpha;
  }
  return seen;
}

function distance(a: Uint8Array, i: number, b: Uint8Array, k: number): number {
  let most = 0;
  for (let c = 0; c < 4; c++) most = Math.max(most, Math.abs(a[4 * i + c]! - b[4 * k + c]!));
  return most;
}

import { channelsOn, type Ground, lightOn, type Raster, resized } from "./lay.ts";
import { type Plane, withScratch } from "./planes.ts";

/** Pixels of a side of a place: about what a few letters take. */
const PLACE = 16;
/** Standard deviation, in levels, of a place where there are strokes. */
const STROKES = 40;
/** Levels below which a pixel is like its neighbours, and the part of a place where they are: strokes are drawn on even ground. */
const EVEN = 4;
const GROUND = 0.5;
/** The same of strokes in colour, which may lie on a photograph, as a camera's date and subtitles do. */
const COLOURED = 28;
const SMOOTH = 14;
/** The part of their contrast up to which brightness, by which strokes are compared, hardly shows them. */
const UNSEEN = 0.6;
/** The place that counts, by how much is lost there: one or two say little. */
const PLACES = 3;

/** How much of a picture a smaller size of it does not show any more, where that is most, as a part of the variance there, 0..1. */
export interface Lost {
  /**
   * Of strokes on even ground (letters, lines, marks). Photographs have hardly any such places; there, fine detail goes with what is
   * seen of it, and here each stroke says something of its own.
   */
  readonly strokes: number;
  /** Of strokes that differ from their ground in colour rather than in brightness. */
  readonly colours: number;
}

/** @param to the smaller size */
export async function lostAt(
  large: Raster,
  to: Pick<Raster, "width" | "height">,
  grounds: readonly Ground[],
): Promise<Lost> {
  if (to.width >= large.width && to.height >= large.height) return { strokes: 0, colours: 0 };
  const back = await resized(await resized(large, to.width, to.height), large.width, large.height);
  const all = grounds.map((ground) => withScratch(() => lostOn(large, back, ground)));
  return {
    strokes: Math.max(...all.map(({ strokes }) => strokes)),
    colours: Math.max(...all.map(({ colours }) => colours)),
  };
}

function lostOn(large: Raster, back: Raster, ground: Ground): Lost {
  const planes = (raster: Raster) => [lightOn(raster, ground), ...channelsOn(raster, ground)];
  const [picture, after] = [planes(large), planes(back)];
  const [strokes, colours]: [number[], number[]] = [[], []];
  for (let top = 0; top + PLACE <= large.height; top += PLACE) {
    for (let left = 0; left + PLACE <= large.width; left += PLACE) {
      const [light, ...channels] = picture.map((plane, i) => placeOf(plane, after[i]!, left, top)) as [
        Place,
        ...Place[],
      ];
      if (light.deviation >= STROKES && light.even >= GROUND) strokes.push(light.lost);
      const most = channels.reduce((a, b) => (b.deviation > a.deviation ? b : a));
      if (most.deviation < COLOURED || most.smooth < GROUND) continue;
      if (light.deviation < UNSEEN * most.deviation) colours.push(most.lost);
    }
  }
  return { strokes: amongMost(strokes), colours: amongMost(colours) };
}

function amongMost(parts: number[]): number {
  parts.sort((a, b) => b - a);
  return Math.min(1, parts[PLACES - 1] ?? 0);
}

interface Place {
  /** Standard deviation, in levels. */
  readonly deviation: number;
  /** Parts of its pixels that are like their neighbours. */
  readonly even: number;
  readonly smooth: number;
  /** Part of the variance. */
  readonly lost: number;
}

function placeOf({ width, data }: Plane, back: Plane, left: number, top: number): Place {
  let [sum, squares, lost, even, smooth] = [0, 0, 0, 0, 0];
  for (let y = 0; y < PLACE; y++) {
    for (let x = 0; x < PLACE; x++) {
      const i = (top + y) * width + left + x;
      const value = data[i]!;
      sum += value;
      squares += value * value;
      lost += (value - back.data[i]!) ** 2;
      const right = x + 1 < PLACE ? Math.abs(data[i + 1]! - value) : 0;
      const below = y + 1 < PLACE ? Math.abs(data[i + width]! - value) : 0;
      const apart = Math.max(right, below);
      if (apart < EVEN) even++;
      if (apart < SMOOTH) smooth++;
    }
  }
  const count = PLACE ** 2;
  const variance = Math.max(0, squares / count - (sum / count) ** 2);
  const part = variance > 0 ? lost / count / variance : 0;
  return { deviation: Math.sqrt(variance), even: even / count, smooth: smooth / count, lost: part };
}

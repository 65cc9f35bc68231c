import { type Ground, lightOn, type Raster, resized } from "./lay.ts";
import { type Plane, withScratch } from "./planes.ts";

/** Pixels of a side of a place: about what a few letters take. */
const PLACE = 16;
/** Standard deviation of brightness, in levels, of a place where there are strokes. */
const STROKES = 40;
/** Levels below which a pixel is like its neighbours, and the part of a place where they are: strokes are drawn on even ground. */
const EVEN = 4;
const GROUND = 0.5;
/** The place that counts, by how much is lost there: one or two say little. */
const PLACES = 3;

/**
 * How much of strokes on even ground (letters, lines, marks) a smaller size of a picture does not show any more, where that is most.
 * Photographs have hardly any such places; there, fine detail goes with what is seen of it, and here each stroke says something of its own.
 * @param to the smaller size
 * @returns part of the variance, 0..1
 */
export async function lostStrokes(
  large: Raster,
  to: Pick<Raster, "width" | "height">,
  grounds: readonly Ground[],
): Promise<number> {
  if (to.width >= large.width && to.height >= large.height) return 0;
  const back = await resized(await resized(large, to.width, to.height), large.width, large.height);
  return Math.max(...grounds.map((ground) => withScratch(() => lostOf(lightOn(large, ground), lightOn(back, ground)))));
}

function lostOf(picture: Plane, back: Plane): number {
  const parts: number[] = [];
  for (let top = 0; top + PLACE <= picture.height; top += PLACE) {
    for (let left = 0; left + PLACE <= picture.width; left += PLACE) {
      const part = lostAt(picture, back, left, top);
      if (part !== undefined) parts.push(part);
    }
  }
  parts.sort((a, b) => b - a);
  return Math.min(1, parts[PLACES - 1] ?? 0);
}

/** undefined where there are no strokes on even ground */
function lostAt({ width, data }: Plane, back: Plane, left: number, top: number): number | undefined {
  let [sum, squares, lost, even] = [0, 0, 0, 0];
  for (let y = 0; y < PLACE; y++) {
    for (let x = 0; x < PLACE; x++) {
      const i = (top + y) * width + left + x;
      const value = data[i]!;
      sum += value;
      squares += value * value;
      lost += (value - back.data[i]!) ** 2;
      const right = x + 1 < PLACE ? Math.abs(data[i + 1]! - value) : 0;
      const below = y + 1 < PLACE ? Math.abs(data[i + width]! - value) : 0;
      if (Math.max(right, below) < EVEN) even++;
    }
  }
  const count = PLACE ** 2;
  const variance = squares / count - (sum / count) ** 2;
  if (variance < STROKES ** 2 || even < GROUND * count) return undefined;
  return lost / count / variance;
}

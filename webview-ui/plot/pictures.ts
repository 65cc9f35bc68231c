import type { Picture } from "./overlay.ts";
import type { PictureSource } from "./plotTypes.ts";
import { type Colour, MARK, type Pass } from "./renderer.ts";

/**
 * Pictures as they are drawn in place of points: framed in a point's colour, and as strong as it.
 * @param colours uint8 `[count]`, of the palette
 * @param marks uint8 `[count]`
 */
export function drawnPictures(
  pictures: ReadonlyMap<number, PictureSource>,
  palette: readonly Colour[],
  colours: Uint8Array,
  marks: Uint8Array,
  passes: readonly Pass[],
): Picture[] {
  return [...pictures].map(([row, source]) => {
    const [red, green, blue] = palette[colours[row] ?? 0]!.map((value) => Math.round(255 * value));
    const mark = marks[row] ?? MARK.plain;
    const opacity = passes.find((pass) => pass.mark === mark)?.opacity ?? 1;
    return { row, ...source, frame: `rgb(${red} ${green} ${blue})`, opacity };
  });
}

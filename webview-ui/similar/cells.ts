import type { Attribution, Box } from "../../src/shared/index.ts";
import type { Point, Rect } from "./box.ts";

/** The part of a picture that a map belongs to, in pixels of the frame. @param image where the picture lies in the frame */
export function mappedPart(image: Rect, box: Box | null): Rect {
  if (box === null) return image;
  return {
    x: image.x + box.x * image.width,
    y: image.y + box.y * image.height,
    width: box.width * image.width,
    height: box.height * image.height,
  };
}

/** The position of a map under a point; null beside the map. @returns row by row, from 0 */
export function cellAt({ x, y }: Point, part: Rect, { width, height }: Attribution): number | null {
  const column = Math.floor(((x - part.x) / part.width) * width);
  const row = Math.floor(((y - part.y) / part.height) * height);
  return column < 0 || row < 0 || column >= width || row >= height ? null : row * width + column;
}

/** Where a position lies in the frame. */
export function cellRect(cell: number, part: Rect, { width, height }: Attribution): Rect {
  const size = { width: part.width / width, height: part.height / height };
  return {
    x: part.x + (cell % width) * size.width,
    y: part.y + Math.floor(cell / width) * size.height,
    ...size,
  };
}

/** Where an arrow key leads from a position; undefined for other keys. A first key starts in the middle. */
export function cellByKey(key: string, cell: number | null, { width, height }: Attribution): number | undefined {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (step === undefined) return undefined;
  if (cell === null) return Math.floor(height / 2) * width + Math.floor(width / 2);
  const column = Math.min(width - 1, Math.max(0, (cell % width) + step[0]!));
  const row = Math.min(height - 1, Math.max(0, Math.floor(cell / width) + step[1]!));
  return row * width + column;
}

import { type Attribution, type Box, heatColour } from "../../shared/index.ts";
import type { Picture } from "../images/index.ts";

/** How much of the picture the colours cover where a part is greatest, and where it is 0. */
const COVER = { most: 0.85, least: 0.35 } as const;
/** Stripes over parts that count against the score: period and thickness in pixels. */
const STRIPES = { period: 8, thickness: 3 } as const;
/** A negative part is striped from this share of the greatest part on: less is not worth a mark. */
const NEGATIVE_FROM = 0.02;

/**
 * A picture with the parts of its score over it: bright where they are great. Negative parts are striped white, so that
 * they are told apart without colour. Between the positions' centres values are interpolated.
 * @param greatest the part that gets the brightest colour, above 0
 * @param part of the map that the picture shows, as fractions of it
 * @returns uint8 `[height, width, 3]`
 */
export function drawHeatmap(
  { pixels, width, height }: Picture,
  parts: Attribution,
  greatest: number,
  part: Box = { x: 0, y: 0, width: 1, height: 1 },
): Uint8Array {
  const result = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const share =
        valueAt(parts, part.x + (part.width * (x + 0.5)) / width, part.y + (part.height * (y + 0.5)) / height) /
        greatest;
      const striped = share < -NEGATIVE_FROM && (x + y) % STRIPES.period < STRIPES.thickness;
      const colour = striped ? [255, 255, 255] : heatColour(Math.max(0, share));
      const strength = Math.min(1, Math.abs(share));
      const cover = striped ? 0.4 + 0.6 * strength : COVER.least + (COVER.most - COVER.least) * strength;
      for (let c = 0; c < 3; c++) {
        const i = (y * width + x) * 3 + c;
        result[i] = Math.round((1 - cover) * pixels[i]! + cover * colour[c]!);
      }
    }
  }
  return result;
}

/** @param x and `y`: fractions of the width and height */
function valueAt({ map, width, height }: Attribution, x: number, y: number): number {
  const [column, row] = [clamp(x * width - 0.5, width - 1), clamp(y * height - 0.5, height - 1)];
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)];
  const at = (r: number, c: number) => map[r * width + c]!;
  const [u, v] = [column - left, row - top];
  return (
    (1 - v) * ((1 - u) * at(top, left) + u * at(top, right)) + v * ((1 - u) * at(bottom, left) + u * at(bottom, right))
  );
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}

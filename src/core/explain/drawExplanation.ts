import sharp, { type OverlayOptions } from "sharp";
import type { Attribution, Box, ExplainQuery, ExplainResult } from "../../shared/index.ts";
import { decodePicture, type Picture } from "../images/index.ts";
import { drawHeatmap } from "./heatmap.ts";

/** Pixels. */
const CELL = 320;
const GAP = 12;
const CAPTION = 30;

/**
 * Draws an explanation: in the first row the two images, then a row per branch with its maps over them.
 * @param asked absolute paths, and the part of the query that was explained
 * @returns a PNG file
 * @throws ImageError where an image cannot be decoded
 */
export async function drawExplanation(asked: ExplainQuery, { branches, seen }: ExplainResult): Promise<Buffer> {
  const [parts, others] = [seen?.query ?? asked.box ?? WHOLE, seen?.result ?? WHOLE];
  const [query, result] = [await decodePart(asked.query, parts), await decodePart(asked.result, others)];
  const rows = [
    { caption: "query and result", pictures: [query, result] },
    ...branches.map(({ name, score, ...sides }) => ({
      caption: `${name}  ${score.toFixed(3)}`,
      pictures: [heated(query, sides.query, parts), heated(result, sides.result, others)],
    })),
  ];
  const step = CAPTION + CELL + GAP;
  const overlays = rows.flatMap(({ caption, pictures }, row): OverlayOptions[] => [
    { input: captionImage(caption), left: GAP, top: GAP + row * step },
    ...pictures.map((picture, column) => ({
      input: Buffer.from(picture.pixels),
      raw: { width: picture.width, height: picture.height, channels: 3 as const },
      left: GAP + column * (CELL + GAP) + Math.floor((CELL - picture.width) / 2),
      top: GAP + row * step + CAPTION + Math.floor((CELL - picture.height) / 2),
    })),
  ]);
  const [width, height] = [2 * CELL + 3 * GAP, GAP + rows.length * step];
  return sharp({ create: { width, height, channels: 3, background: "#fff" } })
    .composite(overlays)
    .removeAlpha()
    .png()
    .toBuffer();
}

const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 };

/** What of a picture a map covers, without the margin that it may have. */
function shown({ x, y, width, height }: Box): Box {
  const [left, top] = [Math.max(0, x), Math.max(0, y)];
  return { x: left, y: top, width: Math.min(1, x + width) - left, height: Math.min(1, y + height) - top };
}

function decodePart(file: string, covered: Box): Promise<Picture> {
  const part = shown(covered);
  return decodePicture(file, CELL, part.width === 1 && part.height === 1 ? undefined : part);
}

/** Each map is as bright as its greatest part: what is compared is where, the scores say how much. */
function heated(picture: Picture, parts: Attribution, covered: Box): Picture {
  const part = shown(covered);
  const inMap: Box = {
    x: (part.x - covered.x) / covered.width,
    y: (part.y - covered.y) / covered.height,
    width: part.width / covered.width,
    height: part.height / covered.height,
  };
  const greatest = parts.map.reduce((most, part) => Math.max(most, Math.abs(part)), 0);
  return { ...picture, pixels: drawHeatmap(picture, parts, greatest || 1, inMap) };
}

/** @param text names of branches and numbers: nothing that XML would have to escape */
function captionImage(text: string): Buffer {
  const style = 'font-family="sans-serif" font-size="18" fill="#222"';
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * CELL + GAP}" height="${CAPTION}"><text x="0" y="20" ${style}>${text}</text></svg>`,
  );
}

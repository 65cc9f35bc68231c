import { canvasPainter, cssOf, type PaintedPoints, type Painter, paintPoints, svgPainter } from "../plot/painter.ts";
import { diameterOf } from "../plot/renderer.ts";
import type { Category } from "./colours.ts";
import { SCALE } from "./colours.ts";

export interface PictureOfMaps {
  /** Pixels. */
  readonly width: number;
  readonly maps: readonly (PaintedPoints & { readonly title: string })[];
  /** What the colours mean: categories with one of their own, or the ends of a scale. */
  readonly categories: readonly Category[];
  readonly scale: { readonly low: string; readonly high: string } | null;
  /** CSS. */
  readonly ground: string;
  readonly ink: string;
  readonly font: string;
}

/** All lengths are shares of the width of the picture, so that it looks the same at any size. */
const UNIT = 1 / 120;

/** Height of a picture: its maps are as high as they are wide, two beside each other where there are several. */
export function heightOf({ width, maps }: PictureOfMaps): number {
  const columns = maps.length === 1 ? 1 : 2;
  const unit = width * UNIT;
  return Math.round(unit + Math.ceil(maps.length / columns) * (3 * unit + cell(width, columns)) + 4 * unit);
}

function cell(width: number, columns: number): number {
  return (width - (columns + 1) * width * UNIT) / columns;
}

function paint(painter: Painter, picture: PictureOfMaps): void {
  const { width, maps, categories, scale, ground, ink } = picture;
  const unit = width * UNIT;
  const columns = maps.length === 1 ? 1 : 2;
  const side = cell(width, columns);
  painter.rectangle({ x: 0, y: 0 }, { width, height: heightOf(picture) }, ground);
  for (const [i, map] of maps.entries()) {
    const x = unit + (i % columns) * (side + unit);
    const y = unit + Math.floor(i / columns) * (side + 3 * unit);
    painter.text(map.title, { x, y: y + 1.8 * unit }, 1.6 * unit, ink);
    // A point is as large beside the map as it is on screen, where a map is about 500 pixels wide.
    const diameter = (diameterOf(map.points.length / 2) * side) / 500;
    paintPoints(painter, map, { x, y: y + 2.5 * unit }, { width: side, height: side }, diameter);
  }
  const palette = maps[0]?.palette ?? [];
  const foot = heightOf(picture) - 1.5 * unit;
  if (scale !== null) {
    const steps = palette.slice(SCALE);
    painter.text(scale.low, { x: unit, y: foot }, 1.3 * unit, ink);
    for (const [i, colour] of steps.entries()) {
      const at = { x: 14 * unit + (i * 40 * unit) / steps.length, y: foot - 1.2 * unit };
      painter.rectangle(at, { width: (41 * unit) / steps.length, height: 1.5 * unit }, cssOf(colour));
    }
    painter.text(scale.high, { x: 56 * unit, y: foot }, 1.3 * unit, ink);
    return;
  }
  let x = unit;
  for (const { name, colour } of categories.filter((category) => category.colour < SCALE - 1)) {
    const text = name.length > 14 ? `${name.slice(0, 13)}…` : name;
    painter.dots([{ x: x + unit / 2, y: foot - unit / 2 }], unit, cssOf(palette[colour]!), 1);
    painter.text(text, { x: x + 1.5 * unit, y: foot }, 1.3 * unit, ink);
    x += (2.5 + 0.85 * text.length) * unit;
  }
}

/** The maps as an SVG file. */
export function svgOfMaps(picture: PictureOfMaps): Uint8Array {
  const painter = svgPainter({ width: picture.width, height: heightOf(picture) }, picture.font);
  paint(painter, picture);
  return new TextEncoder().encode(painter.end());
}

/** The maps as a PNG file. @throws where the browser cannot make a picture of that size */
export async function pngOfMaps(picture: PictureOfMaps): Promise<Uint8Array> {
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = heightOf(picture);
  const context = canvas.getContext("2d");
  const blob = await new Promise<Blob | null>((done) => {
    if (context === null) {
      done(null);
      return;
    }
    paint(canvasPainter(context, picture.font), picture);
    canvas.toBlob(done, "image/png");
  });
  if (blob === null) throw new Error(`${canvas.width} x ${canvas.height}`);
  return new Uint8Array(await blob.arrayBuffer());
}

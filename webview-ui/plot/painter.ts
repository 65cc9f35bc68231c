import type { Colour, Pass } from "./renderer.ts";
import { fitView, type Place, type Size, toScreen } from "./view.ts";

/** What a picture of plots is painted with; lengths in its own pixels, from the top left. */
export interface Painter {
  rectangle(at: Place, size: Size, fill: string): void;
  /** Round dots, all of one colour. */
  dots(centres: readonly Place[], diameter: number, fill: string, opacity: number): void;
  /** @param at left end of its baseline */
  text(text: string, at: Place, size: number, fill: string): void;
}

/** Points and how they look; see `PointRenderer`. */
export interface PaintedPoints {
  readonly points: Float32Array;
  readonly colours: Uint8Array;
  readonly marks: Uint8Array;
  readonly palette: readonly Colour[];
  readonly passes: readonly Pass[];
}

/** Paints all points into a rectangle. */
export function paintPoints(
  painter: Painter,
  { points, colours, marks, palette, passes }: PaintedPoints,
  at: Place,
  size: Size,
  diameter: number,
): void {
  const view = fitView(points, size, 1.5 * diameter);
  for (const { mark, opacity } of passes) {
    const places = new Map<number, Place[]>();
    for (let row = 0; row < points.length / 2; row++) {
      if ((marks[row] ?? 0) !== mark) continue;
      const { x, y } = toScreen(view, size, { x: points[2 * row]!, y: points[2 * row + 1]! });
      if (!Number.isFinite(x + y)) continue;
      const colour = colours[row] ?? 0;
      if (!places.has(colour)) places.set(colour, []);
      places.get(colour)!.push({ x: at.x + x, y: at.y + y });
    }
    // What shares the last colours is under what has one of its own.
    for (const colour of [...places.keys()].sort((a, b) => b - a)) {
      painter.dots(places.get(colour)!, diameter, cssOf(palette[colour]!), opacity);
    }
  }
}

export function cssOf([red, green, blue]: Colour): string {
  return `#${[red, green, blue]
    .map((value) =>
      Math.round(255 * value)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

/** Paints an SVG file; `end` gives its text. */
export function svgPainter({ width, height }: Size, font: string): Painter & { end(): string } {
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(font)}">`,
  ];
  const short = (value: number) => String(Math.round(100 * value) / 100);
  return {
    rectangle: (at, size, fill) =>
      void parts.push(
        `<rect x="${short(at.x)}" y="${short(at.y)}" width="${short(size.width)}" height="${short(size.height)}" fill="${fill}"/>`,
      ),
    // Lines without length and with round ends: a dot takes a few bytes.
    dots: (centres, diameter, fill, opacity) =>
      void parts.push(
        `<path d="${centres.map(({ x, y }) => `M${short(x)} ${short(y)}h0`).join("")}" stroke="${fill}" stroke-width="${short(diameter)}" stroke-linecap="round" stroke-opacity="${opacity}"/>`,
      ),
    text: (text, at, size, fill) =>
      void parts.push(
        `<text x="${short(at.x)}" y="${short(at.y)}" font-size="${short(size)}" fill="${fill}">${escaped(text)}</text>`,
      ),
    end: () => `${parts.join("\n")}\n</svg>\n`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Paints on a canvas. */
export function canvasPainter(context: CanvasRenderingContext2D, font: string): Painter {
  return {
    rectangle(at, size, fill) {
      context.fillStyle = fill;
      context.fillRect(at.x, at.y, size.width, size.height);
    },
    dots(centres, diameter, fill, opacity) {
      context.globalAlpha = opacity;
      context.fillStyle = fill;
      for (const { x, y } of centres) {
        context.beginPath();
        context.arc(x, y, diameter / 2, 0, 2 * Math.PI);
        context.fill();
      }
      context.globalAlpha = 1;
    },
    text(text, at, size, fill) {
      context.font = `${size}px ${font}`;
      context.fillStyle = fill;
      context.fillText(text, at.x, at.y);
    },
  };
}

import type { Size, View } from "./view.ts";

/** Red, green, blue and opacity, each 0..1. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** How the points are drawn in one picture. */
export interface Frame {
  readonly view: View;
  readonly size: Size;
  /** Pixels of the device per CSS pixel. */
  readonly ratio: number;
  /** Diameter of a point in CSS pixels. */
  readonly diameter: number;
  /** At most 256. */
  readonly palette: readonly Colour[];
  /** In this order: the points that have each mark, with their opacity, 0..1. */
  readonly passes: readonly Pass[];
  /** Share of the points of each mark that is drawn, 0..1. */
  readonly share: number;
}

export interface Pass {
  readonly mark: number;
  readonly opacity: number;
}

/** What a point can be marked as. */
export const MARK = { plain: 0, selected: 1, out: 2, lit: 3 } as const;

/** Draws many points on a canvas. */
export interface PointRenderer {
  readonly kind: "webgl" | "canvas";
  /** float32 `[count, 2]`; points that are not finite are not drawn. */
  setPoints(points: Float32Array): void;
  /** uint8 `[count]`: index of each point's colour in the palette. */
  setColours(colours: Uint8Array): void;
  /** uint8 `[count]`: see `MARK`. The array is not changed afterwards: plots that are linked share it. */
  setMarks(marks: Uint8Array): void;
  draw(frame: Frame): void;
  dispose(): void;
}

/** Gives a canvas as many pixels as the device has in its place. */
export function fitCanvas(canvas: HTMLCanvasElement, { width, height }: Size, ratio: number): void {
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
}

/** The more points, the smaller each. CSS pixels. */
export function diameterOf(count: number): number {
  return Math.min(10, Math.max(2.5, 22 / Math.max(1, count) ** 0.2));
}

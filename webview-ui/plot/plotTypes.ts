import type { OverlayInk, Picture } from "./overlay.ts";
import type { Colour } from "./renderer.ts";

export interface PlotTheme {
  readonly palette: readonly Colour[];
  readonly ink: OverlayInk;
}

/** A picture and its size, in any unit. */
export type PictureSource = Pick<Picture, "image" | "width" | "height">;

export interface PlotEvents {
  /** The pointer is at another point, or at none. */
  hover(row: number | undefined): void;
  /** @param more the point is added to what is selected, or taken out of it */
  pick(row: number, more: boolean): void;
  open(row: number): void;
  /** @param more the points are added to what is selected */
  lasso(rows: readonly number[], more: boolean): void;
  /** A menu is about to open at a point. */
  menu(row: number): void;
  /** The view rests: the points in it where they are few enough for pictures, else none. */
  settled(rows: readonly number[]): void;
}

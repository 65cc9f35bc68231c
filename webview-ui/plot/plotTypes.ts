import type { OverlayInk, Picture } from "./overlay.ts";
import type { Colour } from "./renderer.ts";
import type { Place } from "./view.ts";

export interface PlotTheme {
  readonly palette: readonly Colour[];
  readonly ink: OverlayInk;
}

/** A picture and its size, in any unit. */
export type PictureSource = Pick<Picture, "image" | "width" | "height">;

/** What a view that rests shows. */
export interface Seen {
  /** Points that may be drawn as pictures, the most telling first: all in view where they are few, else one at each peak. */
  readonly pictured: readonly number[];
  /** Corners of the part in view, in the data; null where all points are in view. */
  readonly part: { readonly low: Place; readonly high: Place } | null;
}

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
  /** The view rests. */
  settled(seen: Seen): void;
}

import type { ColumnNotes } from "../../../shared/index.ts";

/** A box as a file has it, not yet held against the image. */
export interface BoxRow {
  /** Place among the images that were asked for. */
  readonly image: number;
  /** Left, top, width and height: of pixels, or shares of the image's sides. NaN where the file has no number. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** Width and height of the image that the box is in, in pixels, as the file has them; null where it does not say. */
  readonly size: readonly [width: number, height: number] | null;
  /** What is in it; empty where the file does not say. */
  readonly category: string;
}

export interface BoxesRequest {
  /** Absolute path of the file. */
  readonly file: string;
  /** Relative to `folder`, with `/`. */
  readonly images: readonly string[];
  readonly folder: string;
}

export interface BoxesAnswer {
  readonly rows: readonly BoxRow[];
  readonly unit: "pixels" | "shares";
  readonly notes: ColumnNotes;
  /** In plain words: what else could not be used, or was assumed. */
  readonly warnings: readonly string[];
}

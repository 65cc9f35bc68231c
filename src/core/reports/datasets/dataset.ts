import type { EvaluationProtocol } from "../../../shared/index.ts";

/** What an image is for: in the data set's own lists, a column `split`, or folders above the classes. */
export type Part = "train" | "validation" | "test" | "query" | "gallery";

/** In pixels of the upright image. */
export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** From corners in pixels that are counted from 1, both inside. */
export function boxOfCorners(x1: number, y1: number, x2: number, y2: number): PixelBox {
  return { x: x1 - 1, y: y1 - 1, width: x2 - x1 + 1, height: y2 - y1 + 1 };
}

export interface ListedImage {
  /** Relative to the data set's own folder, with `/`. */
  readonly path: string;
  readonly label: string;
  readonly part: Part;
  readonly box?: PixelBox;
}

/** What a data set's own files say of its images. */
export interface DatasetLists {
  readonly images: readonly ListedImage[];
  readonly protocol: EvaluationProtocol;
  /** The protocol in words, with the split. */
  readonly note: string;
  /** Of Recall@K, as the papers print it. */
  readonly ks: readonly number[];
  /** In plain words: lines that cannot be used. */
  readonly warnings: readonly string[];
}

/** A data set that can be read as it is distributed. */
export interface DatasetReader {
  readonly title: string;
  /** Files of which one tells where the data set lies, relative to its folder. */
  readonly signs: readonly string[];
  /** @param root absolute path of the data set's folder. @throws EvaluationError where a file is missing or is something else */
  read(root: string): Promise<DatasetLists>;
}

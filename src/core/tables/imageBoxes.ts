import { listed, printable } from "../../shared/index.ts";
import type { BoxesAnswer } from "./boxes/index.ts";
import { TableError } from "./errors.ts";
import { inWorker } from "./inWorker.ts";
import { tableWarnings } from "./notes.ts";

/** Boxes of images as a file has them; whoever knows the images' sizes judges them. */
export interface ImageBoxes extends Pick<BoxesAnswer, "rows" | "unit"> {
  /** In plain words: what could not be used, and what was assumed. */
  readonly warnings: readonly string[];
}

/**
 * @param file a COCO file, or a CSV or Parquet table with a row per box
 * @param images relative to `folder`, with `/`
 * @throws TableError where it cannot be read, or names none of the images; the signal's reason
 */
export async function readImageBoxes(
  file: string,
  images: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<ImageBoxes> {
  const { rows, unit, notes, warnings } = await inWorker("boxes", { file, images, folder }, file, signal);
  if (rows.length === 0) {
    const { first } = notes.unknown;
    const named = first.length === 0 ? "" : ` (it names ${listed(first)})`;
    throw new TableError(
      `${file} has no box of any of the images${named}. Write paths relative to the folder or to it.`,
    );
  }
  return { rows, unit, warnings: [...tableWarnings(file, "", notes), ...warnings.map(printable)] };
}

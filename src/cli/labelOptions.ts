import { resolve } from "node:path";
import type * as Core from "../core/index.ts";

/** Where labels come from, if not from folders. */
export interface LabelOptions {
  readonly labels?: string;
  readonly column?: string;
}

/**
 * The labels of a folder's indexed images: from the table that was given, else from their folders.
 * @throws where only a column was given, or the table cannot be read
 */
export async function labelsFrom(
  options: LabelOptions,
  index: Core.FolderIndex,
  core: typeof Core,
): Promise<Core.Labels> {
  refuseLoneColumn(options);
  const { labels: file, column } = options;
  const from = file === undefined ? null : { file: resolve(file), column };
  return core.labelsOf(await index.source().paths(), index.folder, from);
}

/** @throws where a column was given without its table */
export function refuseLoneColumn({ labels, column }: LabelOptions): void {
  if (labels === undefined && column !== undefined) {
    throw new Error(`--column ${column} needs the table that has it: give --labels <file> as well.`);
  }
}

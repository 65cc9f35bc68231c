import type * as Core from "../core/index.ts";

/** Where labels come from, if not from folders. */
export interface LabelOptions {
  readonly labels?: string;
  readonly column?: string;
}

/**
 * The labels of a folder's indexed images from the table that was given.
 * @returns undefined where none was: a folder is a label then
 * @throws where only a column was given, or the table cannot be read
 */
export async function labelsFrom(
  { labels: file, column }: LabelOptions,
  index: Core.FolderIndex,
  core: typeof Core,
): Promise<Awaited<ReturnType<typeof Core.labelsOf>> | undefined> {
  if (file !== undefined) return core.labelsOf(file, column, await index.source().paths(), index.folder);
  if (column === undefined) return undefined;
  throw new Error(`--column ${column} needs the table that has it: give --labels <file> as well.`);
}

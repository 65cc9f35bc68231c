import { basename } from "node:path";
import { listed } from "../../shared/index.ts";
import { readImageLabels } from "./imageColumn.ts";
import { type Labels, readLabels } from "./readLabels.ts";

/** Labels as they are asked for by path, and what of the file could not be used. */
export type LabelsByPath = Pick<Labels, "warnings"> & {
  readonly byPath: ReadonlyMap<string, { readonly label: string }>;
};

/**
 * The labels of images from a file: from one of its columns, whose rows find their images as those of any table do; where
 * none is named, as `readLabels` reads them.
 * @param images relative to `folder`, with `/`
 * @throws TableError where the file cannot be read, or has no such column
 */
export async function labelsOf(
  file: string,
  column: string | undefined,
  images: readonly string[],
  folder: string,
): Promise<LabelsByPath> {
  if (column === undefined) return readLabels(file);
  const { labels, notes } = await readImageLabels(file, column, images, folder);
  const byPath = new Map<string, { readonly label: string }>();
  for (const [i, path] of images.entries()) {
    const label = labels.names[labels.codes[i]!];
    if (label !== undefined) byPath.set(path, { label });
  }
  const warnings: string[] = [];
  const { matched, unknown, oddLines } = notes;
  const some = ({ count, first }: { readonly count: number; readonly first: readonly (string | number)[] }) =>
    `${count}: ${first.join(", ")}${count > first.length ? ", ..." : ""}`;
  if (oddLines.count > 0) warnings.push(`Lines with odd quotes or another number of fields: ${some(oddLines)}.`);
  if (unknown.count > 0) warnings.push(`Rows of ${basename(file)} that match no indexed image: ${some(unknown)}.`);
  const without = images.filter((path) => !byPath.has(path));
  if (without.length > 0) {
    const rows = matched < images.length ? "a row or a value" : "a value";
    warnings.push(`Images without ${rows} in ${basename(file)}, left out: ${listed(without)}.`);
  }
  return { byPath, warnings };
}

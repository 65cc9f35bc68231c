import { posix } from "node:path";
import { readTable } from "../tables/index.ts";

/** A labels file that cannot be used; the message is for a user. */
export class LabelsError extends Error {
  override readonly name = "LabelsError";
}

export interface Labels {
  /** By path relative to the indexed folder, with `/`. */
  readonly byPath: ReadonlyMap<string, string>;
  /** In plain words: rows that cannot be used. */
  readonly warnings: readonly string[];
}

/**
 * Reads the labels of images from a table (CSV or Parquet) with the columns `path` and `label`, in any order; others are
 * passed over. Paths are relative to the indexed folder, with `/` or `\`.
 * @throws LabelsError where a column is missing
 * @throws TableError where the file cannot be read
 */
export async function readLabels(file: string): Promise<Labels> {
  const { columns, rows, oddLines } = await readTable(file);
  const names = columns.map((name) => name.trim().toLowerCase());
  const [path, label] = [names.indexOf("path"), names.indexOf("label")];
  if (path < 0 || label < 0) {
    throw new LabelsError(
      `The labels file ${file} must name the columns path and label in its first line; it has: ${columns.join(", ")}.`,
    );
  }
  const byPath = new Map<string, string>();
  const incomplete: string[] = [];
  const contradicted: string[] = [];
  for (const [i, row] of rows.entries()) {
    const [image, name] = [normalise(row[path]!), row[label]!.trim()];
    const known = byPath.get(image);
    if (image === "" || name === "") incomplete.push(String(i + 1));
    else if (known === undefined) byPath.set(image, name);
    else if (known !== name) contradicted.push(image);
  }
  const warnings = [
    ...(oddLines.length > 0
      ? [`Lines with odd quotes or another number of fields: ${some(oddLines.map(String))}.`]
      : []),
    ...(incomplete.length > 0 ? [`Rows without a path or a label, left out: ${some(incomplete)}.`] : []),
    ...(contradicted.length > 0 ? [`Images with two labels, of which the first counts: ${some(contradicted)}.`] : []),
  ];
  return { byPath, warnings };
}

function normalise(path: string): string {
  const written = path.trim().replaceAll("\\", "/");
  return written === "" ? "" : posix.normalize(written);
}

/** A few of a list, and how many more there are. */
function some(items: readonly string[]): string {
  const more = items.length > 5 ? ` and ${items.length - 5} more` : "";
  return `${items.slice(0, 5).join(", ")}${more}`;
}

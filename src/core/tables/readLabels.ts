import { posix } from "node:path";
import { listed } from "../../shared/index.ts";
import { TableError } from "./errors.ts";
import { readTable } from "./readTable.ts";

/** What a labels file says of an image. */
interface LabelRow {
  readonly label: string;
  /** As it stands in the column `split`, lower case; empty where there is none. */
  readonly split: string;
}

export interface Labels {
  /** By path relative to the folder, with `/`. */
  readonly byPath: ReadonlyMap<string, LabelRow>;
  /** In plain words: rows that cannot be used. */
  readonly warnings: readonly string[];
}

/**
 * Reads the labels of images from a table (CSV or Parquet) with the columns `path`, `label` and perhaps `split`, in any order;
 * others are passed over. Paths are relative to the folder, with `/` or `\`.
 * @throws TableError where the file cannot be read or a column is missing
 */
export async function readLabels(file: string): Promise<Labels> {
  const { columns, rows, oddLines } = await readTable(file);
  const names = columns.map((name) => name.trim().toLowerCase());
  const [path, label, split] = [names.indexOf("path"), names.indexOf("label"), names.indexOf("split")];
  if (path < 0 || label < 0) {
    throw new TableError(
      `The labels file ${file} has no columns "path" and "label" (it has: ${columns.join(", ")}). Name them in its first line.`,
    );
  }
  const byPath = new Map<string, LabelRow>();
  const incomplete: string[] = [];
  const contradicted = new Set<string>();
  for (const [i, row] of rows.entries()) {
    const image = normalise(row[path]!);
    const given = { label: row[label]!.trim(), split: split < 0 ? "" : row[split]!.trim().toLowerCase() };
    const known = byPath.get(image);
    if (image === "" || given.label === "") incomplete.push(`row ${i + 1}`);
    else if (known === undefined) byPath.set(image, given);
    else if (known.label !== given.label || known.split !== given.split) contradicted.add(image);
  }
  const warnings: string[] = [];
  if (oddLines.length > 0) {
    warnings.push(
      `Lines with odd quotes or another number of fields: ${listed(oddLines.map((line) => `line ${line}`))}.`,
    );
  }
  if (incomplete.length > 0) warnings.push(`Rows without a path or a label, left out: ${listed(incomplete)}.`);
  if (contradicted.size > 0) {
    warnings.push(`Images with two different rows, of which the first counts: ${listed([...contradicted])}.`);
  }
  return { byPath, warnings };
}

/** As `findImages` writes paths, whichever system wrote the file. */
function normalise(path: string): string {
  const written = path.trim().replaceAll("\\", "/");
  return written === "" ? "" : posix.normalize(written);
}

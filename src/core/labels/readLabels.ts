import { promises as fs } from "node:fs";
import { posix } from "node:path";
import { readFailure } from "../images/index.ts";
import { csvRows } from "./csvRows.ts";

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
 * Reads the labels of images from a CSV file with a header that names the columns `path` and `label`, in any order;
 * others are passed over. Paths are relative to the indexed folder, with `/` or `\`.
 * @throws LabelsError where the file cannot be read, is no CSV, or lacks a column
 */
export async function readLabels(file: string): Promise<Labels> {
  const text = await fs.readFile(file, "utf8").catch((cause: unknown) => {
    throw new LabelsError(`The labels file ${file}: ${readFailure(cause)}. Check the path.`, { cause });
  });
  const rows = csvRows(text);
  if (rows === undefined)
    throw new LabelsError(`The labels file ${file} has a quoted field that does not end. Mend it, then try again.`);
  const header = rows[0]?.fields ?? [];
  const columns = header.map((name) => name.trim().toLowerCase());
  const [path, label] = [columns.indexOf("path"), columns.indexOf("label")];
  if (path < 0 || label < 0) {
    throw new LabelsError(
      `The first line of the labels file ${file} must name the columns path and label; it is: ${header.join(",") || "empty"}.`,
    );
  }
  const byPath = new Map<string, string>();
  const incomplete: string[] = [];
  const contradicted: string[] = [];
  for (const { line, fields } of rows.slice(1)) {
    const [image, name] = [normalise(fields[path] ?? ""), (fields[label] ?? "").trim()];
    const known = byPath.get(image);
    if (image === "" || name === "") incomplete.push(`line ${line}`);
    else if (known === undefined) byPath.set(image, name);
    else if (known !== name) contradicted.push(`${image} (line ${line})`);
  }
  const warnings = [
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

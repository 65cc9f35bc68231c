import { promises as fs } from "node:fs";
import { writeFileAtomically } from "../files/index.ts";
import { isGone, readFailure } from "../images/index.ts";
import { parseCsv } from "./csv.ts";
import { csvRecord } from "./csvWriter.ts";
import { TableError } from "./errors.ts";

/**
 * Gives images a label in a CSV file with the columns `path` and `label`, which is made where it is not there. Rows of the
 * same paths are replaced, other rows and columns stay as they are.
 * @param paths as they are to stand in the file
 * @returns how many rows there are now
 * @throws TableError where the file is another kind of table; FileError where it cannot be written
 */
export async function writeLabels(file: string, paths: readonly string[], label: string): Promise<number> {
  const text = await fs.readFile(file, "utf8").catch((error: unknown) => {
    if (isGone(error)) return "";
    throw new TableError(`${file}: ${readFailure(error)}. Choose another file.`, { cause: error });
  });
  const { header, records, oddLines } = parseCsv(text === "" ? "path,label" : text);
  const [path, at] = [header.indexOf("path"), header.indexOf("label")];
  if (path < 0 || at < 0) {
    throw new TableError(
      `${file} has the columns ${header.join(", ")}. Choose a file with "path" and "label", or a new one.`,
    );
  }
  // Written back, such a line would come out as something else than what its author meant.
  if (oddLines.length > 0) {
    throw new TableError(
      `${file} is damaged in line ${oddLines[0]}. Mend its quotes or fields, or choose another file.`,
    );
  }
  const rows = new Map(records.map((fields) => [fields[path]!, [...fields]]));
  for (const each of paths) {
    const fields = rows.get(each) ?? header.map(() => "");
    fields[path] = each;
    fields[at] = label;
    rows.set(each, fields);
  }
  await writeFileAtomically(file, Buffer.from([header, ...rows.values()].map(csvRecord).join("")));
  return rows.size;
}

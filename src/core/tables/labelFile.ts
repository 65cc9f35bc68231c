import { promises as fs } from "node:fs";
import { isMissing, writeFileAtomically } from "../files/index.ts";
import { csvRecord } from "./csvWriter.ts";
import { TableError } from "./errors.ts";
import { openTable } from "./openTable.ts";
import { cannotRead } from "./regularFile.ts";

/** Rows that are held while a file is brought up to date. */
const MOST = 1_000_000;

/**
 * Gives images a label in a CSV file with the columns `path` and `label`, which is made where it is not there. Rows of the
 * same paths are replaced by one, other rows and columns stay as they are.
 * @param paths as they are to stand in the file
 * @returns how many rows there are now
 * @throws TableError where the file is another kind of table; FileError where it cannot be written
 */
export async function writeLabels(file: string, paths: readonly string[], label: string): Promise<number> {
  const { header, rows } = await readRows(file);
  const [path, at] = [header.indexOf("path"), header.indexOf("label")];
  if (path < 0 || at < 0) {
    throw new TableError(
      `${file} has the columns ${header.join(", ")}. Choose a file with "path" and "label", or a new one.`,
    );
  }
  const given = new Set(paths);
  const left = new Set(paths);
  const labelled = (fields: readonly string[], each: string) =>
    fields.map((field, i) => (i === path ? each : i === at ? label : field));
  const kept = rows.flatMap((fields) => {
    const each = fields[path]!;
    if (!given.has(each)) return [fields];
    return left.delete(each) ? [labelled(fields, each)] : [];
  });
  const empty = header.map(() => "");
  const all = [...kept, ...[...left].map((each) => labelled(empty, each))];
  await writeFileAtomically(file, Buffer.from([header, ...all].map(csvRecord).join("")));
  return all.length;
}

async function readRows(file: string): Promise<{ header: readonly string[]; rows: readonly (readonly string[])[] }> {
  const size = await fs.stat(file).then(
    (stat) => stat.size,
    (error: unknown) => {
      if (isMissing(error)) return 0;
      throw cannotRead(file, error);
    },
  );
  if (size === 0) return { header: ["path", "label"], rows: [] };
  const source = await openTable(file);
  try {
    if (!source.isText) throw new TableError(`${file} is no CSV file. Choose a CSV file, or a new one.`);
    const rows: (readonly string[])[] = [];
    for await (const slice of source.rows([...source.columns.keys()])) {
      rows.push(...slice);
      if (rows.length > MOST) throw new TableError(`${file} has more than ${MOST} rows. Choose a new file.`);
    }
    // Written back, such a line would come out as something else than what its author meant.
    const [odd] = source.oddLines.first;
    if (odd !== undefined) {
      throw new TableError(`${file} is damaged in line ${odd}. Mend its quotes or fields, or choose another file.`);
    }
    const twice = source.written.find((name, at) => source.columns[at] !== name);
    if (twice !== undefined) {
      throw new TableError(
        `${file} has several columns "${twice}". Give them names of their own, or choose a new file.`,
      );
    }
    if (source.isWindows1252) {
      throw new TableError(`${file} is no UTF-8. Save it as CSV in UTF-8, or choose a new file.`);
    }
    return { header: source.columns, rows };
  } finally {
    await source.close();
  }
}

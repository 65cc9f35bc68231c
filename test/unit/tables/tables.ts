import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTable } from "../../../src/core/tables/openTable.ts";

/** A table as it is read: all of it. */
export interface ReadTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly odd: readonly number[];
  readonly windows1252: boolean;
}

const scratch = mkdtempSync(join(tmpdir(), "lookalike-tables-"));
let files = 0;

/** A file with these bytes, in the system's own place for such. */
export function tableFile(bytes: string | Uint8Array, ending = "csv"): string {
  const file = join(scratch, `${files++}.${ending}`);
  writeFileSync(file, bytes);
  return file;
}

/** @param columns names of those that are read; all where absent */
export async function readAll(file: string, columns?: readonly string[]): Promise<ReadTable> {
  const source = await openTable(file);
  try {
    const wanted = columns?.map((name) => source.columns.indexOf(name)) ?? [...source.columns.keys()];
    const rows: (readonly string[])[] = [];
    for await (const slice of source.rows(wanted)) rows.push(...slice);
    return { columns: source.columns, rows, odd: source.oddLines.first, windows1252: source.isWindows1252 };
  } finally {
    await source.close();
  }
}

export function readText(text: string | Uint8Array): Promise<ReadTable> {
  return readAll(tableFile(text));
}

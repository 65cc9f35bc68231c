import { promises as fs } from "node:fs";
import { extname, join } from "node:path";
import { TABLE_EXTENSIONS, type TableSummary } from "../../shared/index.ts";
import { summariseTable } from "./imageColumn.ts";

/** Of a folder with more tables than this, the others are not looked at. */
const MOST = 20;

/**
 * The tables of images that lie directly in some folders, by name. Files that are no such table are left out: a folder may
 * hold any CSV.
 */
export async function findTables(folders: readonly string[]): Promise<TableSummary[]> {
  const found: TableSummary[] = [];
  for (const folder of new Set(folders)) {
    const names = await fs.readdir(folder).catch((): string[] => []);
    const tables = names.filter((name) => TABLE_EXTENSIONS.includes(extname(name).toLowerCase().slice(1))).sort();
    const summaries = await Promise.all(tables.slice(0, MOST).map((name) => summariseTable(join(folder, name))));
    found.push(...summaries.filter(({ problem, columns }) => problem === null && columns.length > 0));
  }
  return found;
}

import { promises as fs } from "node:fs";
import { extname, join } from "node:path";
import { TABLE_EXTENSIONS, type TableSummary } from "../../shared/index.ts";
import { inWorker } from "./inWorker.ts";
import type { FileSummary } from "./readColumns.ts";
import type { KnownImages } from "./task.ts";

/** Of a folder with more tables than this, the others are not looked at. */
const MOST = 20;

export interface FindTablesOptions {
  /** By which tables are known that name images without their endings; asked for where there may be such a table. */
  readonly images?: (() => Promise<KnownImages>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The tables of images that lie directly in some folders, by name. Files that are no such table are left out: a folder may
 * hold any CSV.
 */
export async function findTables(folders: readonly string[], options: FindTablesOptions = {}): Promise<TableSummary[]> {
  const files: string[] = [];
  for (const folder of new Set(folders)) {
    const names = await fs.readdir(folder).catch((): string[] => []);
    const tables = names.filter((name) => TABLE_EXTENSIONS.includes(extname(name).toLowerCase().slice(1))).sort();
    files.push(...tables.slice(0, MOST).map((name) => join(folder, name)));
  }
  const summaries = await summariseTables(files, options);
  return summaries.filter(({ problem, columns }) => problem === null && columns.length > 0);
}

/** What files have to offer; where one is no table of images, its `problem` says why. */
export async function summariseTables(
  files: readonly string[],
  { images, signal }: FindTablesOptions = {},
): Promise<TableSummary[]> {
  const first = await summaries(files, undefined, signal);
  const unnamed = first.filter((summary) => summary.unnamed).map(({ file }) => file);
  const again = images === undefined || unnamed.length === 0 ? [] : await summaries(unnamed, await images(), signal);
  const byFile = new Map(again.map((summary) => [summary.file, summary]));
  return first.map((summary) => byFile.get(summary.file) ?? summary).map(({ unnamed: _, ...summary }) => summary);
}

async function summaries(
  files: readonly string[],
  images: KnownImages | undefined,
  signal: AbortSignal | undefined,
): Promise<FileSummary[]> {
  const [first] = files;
  if (first === undefined) return [];
  try {
    return [...(await inWorker("summaries", { files, ...(images && { images }) }, first, signal))];
  } catch (error) {
    signal?.throwIfAborted();
    // One that ends its reader does not hide the others.
    const half = Math.ceil(files.length / 2);
    if (files.length > 1) {
      const one = await summaries(files.slice(0, half), images, signal);
      return [...one, ...(await summaries(files.slice(half), images, signal))];
    }
    const problem = error instanceof Error ? error.message : String(error);
    return [{ file: first, columns: [], problem, unnamed: false }];
  }
}

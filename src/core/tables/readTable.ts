import { promises as fs } from "node:fs";
import { extname } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { readFailure } from "../images/index.ts";
import { parseCsv } from "./csv.ts";
import { TableError } from "./errors.ts";

/** A table in memory: text, as a person would write it; empty where there is no value. */
export interface Table {
  readonly columns: readonly string[];
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly string[])[];
  /** Lines with odd quoting or another number of fields; see `parseCsv`. */
  readonly oddLines: readonly number[];
}

/** Larger files are refused: they would take the process's memory. Bytes. */
const LARGEST = 512 * 2 ** 20;
/** What is read of a file to see what it is. Bytes. */
const HEAD = 64 * 1024;

/**
 * Reads a CSV or Parquet file.
 * @throws TableError where it cannot be read as what its ending says
 */
export async function readTable(file: string): Promise<Table> {
  return attempt(file, async () => {
    const { size } = await fs.stat(file);
    if (size > LARGEST) throw new TableError(`${file} is larger than ${LARGEST / 2 ** 20} MB. Choose a smaller table.`);
    if (isParquet(file)) return readParquet(file);
    const { header, records, oddLines } = parseCsv(await fs.readFile(file, "utf8"));
    if (header.length === 0) throw new TableError(`${file} is empty. A table has a header and a row per image.`);
    return { columns: header, rows: records, oddLines };
  });
}

/**
 * Columns of a table, and its first rows, without reading all of it.
 * @throws TableError as `readTable`
 */
export async function readTableHead(file: string): Promise<Omit<Table, "oddLines">> {
  return attempt(file, async () => {
    if (isParquet(file)) return readParquet(file, 20);
    const handle = await fs.open(file);
    try {
      const buffer = Buffer.alloc(HEAD);
      const { bytesRead } = await handle.read(buffer, 0, HEAD, 0);
      const text = buffer.toString("utf8", 0, bytesRead);
      // The last line may be cut off.
      const whole = bytesRead < HEAD ? text : text.slice(0, text.lastIndexOf("\n") + 1);
      const { header, records } = parseCsv(whole);
      return { columns: header, rows: records };
    } finally {
      await handle.close();
    }
  });
}

async function readParquet(file: string, rowEnd?: number): Promise<Table> {
  const buffer = await asyncBufferFromFile(file);
  const metadata = await parquetMetadataAsync(buffer);
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  const end = Math.min(rowEnd ?? Number.POSITIVE_INFINITY, Number(metadata.num_rows));
  const objects = await parquetReadObjects({ file: buffer, metadata, rowStart: 0, rowEnd: end });
  const rows = objects.map((object) => columns.map((column) => textOf(object[column])));
  return { columns, rows, oddLines: [] };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object")
    return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part));
  return String(value);
}

function isParquet(file: string): boolean {
  return extname(file).toLowerCase() === ".parquet";
}

async function attempt<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TableError) throw error;
    throw new TableError(`${file}: ${readFailure(error)}. Choose a CSV or Parquet file.`, { cause: error });
  }
}

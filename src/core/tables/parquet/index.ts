import type { FileHandle } from "node:fs/promises";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead } from "hyparquet";
import { TableError, tooManyColumns } from "../errors.ts";
import { LIMITS, SLICE } from "../limits.ts";
import { readPart } from "../regularFile.ts";
import { type TableSource, uniqueNames } from "../source.ts";
import { LIMITED, PageTooLarge } from "./compressors.ts";
import { elementsSaid, onlyColumn, type ParquetColumn, parquetColumns, SCHEMA_AT } from "./schema.ts";
import { textOf } from "./values.ts";

export const PARQUET_MARK = "PAR1";

/**
 * Opens a Parquet file, in any of its codecs. Only the columns that are asked for are read, a row group at a time.
 * @throws TableError where it cannot be read, or is larger than the limits
 */
export async function openParquet(file: string, handle: FileHandle, size: number): Promise<TableSource> {
  const buffer = bufferOf(handle, size);
  const metadata = await checked(file, async () => {
    const end = await readPart(handle, Math.max(0, size - 8), 8);
    const mark = end.toString("latin1", 4);
    if (mark === "PARE") throw new TableError(`${file} is encrypted. Save the table without encryption.`);
    if (size < 12 || mark !== PARQUET_MARK) throw new TableError(`${file} is cut short. Copy or download it again.`);
    // What a description takes cannot be more than there is.
    if (end.readUInt32LE(0) > size - 12) throw damaged(file);
    if (end.readUInt32LE(0) > LIMITS.footerBytes) throw tooMuch(file);
    const start = await readPart(handle, size - 8 - end.readUInt32LE(0), SCHEMA_AT);
    if ((elementsSaid(start) ?? 0) > LIMITS.columns) throw tooManyColumns(file);
    return parquetMetadataAsync(buffer, { geoparquet: false });
  });
  const columns = await checked(file, async () => {
    checkRows(file, metadata);
    return parquetColumns(metadata);
  });
  const written = columns.map(({ name }) => name);
  const names = uniqueNames(written);
  return {
    columns: names,
    written,
    plain: [...columns.keys()].filter((at) => !columns[at]!.isGroup || columns[at]!.isMany),
    isText: false,
    oddLines: { count: 0, first: [] },
    isWindows1252: false,
    close: () => handle.close(),
    async *rows(wanted, most = Number.POSITIVE_INFINITY) {
      // A field of the description may be missing, whatever its type says.
      const parts = await checked(file, async () =>
        wanted.map((at) => ({ column: columns[at]!, metadata: onlyColumn(metadata, columns[at]!) })),
      );
      for (const part of parts) checkSizes({ file, size }, part.metadata, Math.min(most, rowsOf(metadata)));
      if (Math.min(most, rowsOf(metadata)) * wanted.length > LIMITS.cells) throw tooMuch(file);
      let start = 0;
      for (const group of metadata.row_groups) {
        const end = start + Number(group.num_rows);
        const until = Math.min(end, most);
        if (until > start) yield* slicesOf(await Promise.all(parts.map((part) => valuesOf(part, start, until))));
        start = end;
        if (start >= most) return;
      }
    },
  };

  interface Part {
    readonly column: ParquetColumn;
    readonly metadata: FileMetaData;
  }

  async function valuesOf({ column, metadata: own }: Part, rowStart: number, rowEnd: number): Promise<string[]> {
    const count = rowEnd - rowStart;
    const texts = new Array<string>(count);
    let read = 0;
    await checked(file, () =>
      parquetRead({
        file: buffer,
        metadata: own,
        columns: [column.path[0]!],
        rowStart,
        rowEnd,
        compressors: LIMITED,
        utf8: false,
        geoparquet: false,
        useOffsetIndex: true,
        parsers: { jsonFromBytes: (bytes) => bytes && new TextDecoder().decode(bytes) },
        // A chunk may reach beyond the rows that were asked for.
        onChunk({ columnData, rowStart: first }) {
          for (let i = 0; i < columnData.length; i++) {
            const row = first + i - rowStart;
            if (row < 0 || row >= count) continue;
            texts[row] = textOf(columnData[i], column);
            read++;
          }
        },
      }),
    );
    if (read !== count) throw damaged(file);
    return texts;
  }
}

function* slicesOf(columns: readonly (readonly string[])[]): Generator<readonly (readonly string[])[]> {
  const rows = columns[0]?.length ?? 0;
  for (let start = 0; start < rows; start += SLICE) {
    const count = Math.min(SLICE, rows - start);
    yield Array.from({ length: count }, (_, row) => columns.map((values) => values[start + row]!));
  }
}

function rowsOf({ row_groups }: FileMetaData): number {
  return row_groups.reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
}

/** What the file says of itself, before anything of it is unfolded. @throws TableError */
function checkRows(file: string, metadata: FileMetaData): void {
  for (const { num_rows, columns } of metadata.row_groups) {
    if (num_rows < 0n) throw damaged(file);
    if (columns.some(({ meta_data }) => meta_data === undefined)) {
      throw new TableError(`${file} is encrypted in part. Save the table without encryption.`);
    }
    if (columns.some(({ file_path }) => file_path)) {
      throw new TableError(`${file} keeps its values in other files. Save the table as one file.`);
    }
  }
  if (rowsOf(metadata) > LIMITS.rows) throw tooMuch(file);
  if (metadata.schema.length > LIMITS.columns) throw tooManyColumns(file);
}

/** @param size of the file, in bytes @param rows that are asked for */
function checkSizes({ file, size }: { file: string; size: number }, { row_groups }: FileMetaData, rows: number): void {
  let bytes = 0;
  let values = 0;
  let before = 0;
  for (const { num_rows, columns } of row_groups) {
    if (before >= rows) break;
    before += Number(num_rows);
    for (const { meta_data } of columns) {
      bytes += Number(meta_data!.total_uncompressed_size);
      values += Number(meta_data!.num_values);
      if (meta_data!.total_compressed_size > size) throw damaged(file);
      if (meta_data!.total_compressed_size > LIMITS.pageBytes) throw tooMuch(file);
    }
  }
  if (bytes > LIMITS.columnBytes || values > LIMITS.cells) throw tooMuch(file);
}

/** @throws TableError whatever is wrong */
async function checked<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TableError) throw error;
    if (error instanceof PageTooLarge) throw tooMuch(file, error);
    throw damaged(file, error);
  }
}

function damaged(file: string, cause?: unknown): TableError {
  return new TableError(
    `${file} is damaged, or of a kind of Parquet that is not read. Write it again, or save the table as CSV.`,
    { cause },
  );
}

function tooMuch(file: string, cause?: unknown): TableError {
  return new TableError(
    `${file} unfolds to more than is read: ${LIMITS.rows / 1e6} million rows, ${LIMITS.cells / 1e6} million values, ` +
      `${LIMITS.columnBytes / 2 ** 20} MB in a column, ${LIMITS.pageBytes / 2 ** 20} MB at once. Choose a smaller table.`,
    { cause },
  );
}

/** The file for hyparquet, which asks for what the file says of itself: within the file and the limit. */
function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  const read = async (start: number, end: number) => {
    const length = Math.min(end, byteLength) - start;
    if (!(start >= 0 && length >= 0)) throw new RangeError(`no part of the file: ${start} to ${end}`);
    if (length > LIMITS.pageBytes) throw new PageTooLarge(`${length} bytes`);
    const bytes = await readPart(handle, start, length);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  };
  return {
    byteLength,
    slice(start, end = byteLength) {
      const part = read(start, end);
      // Parts are asked for ahead, and nobody awaits the others where one fails.
      part.catch(() => {});
      return part;
    },
  };
}

import { openCsv } from "./csv/index.ts";
import { TableError } from "./errors.ts";
import { openParquet, PARQUET_MARK } from "./parquet/index.ts";
import { cannotRead, openRegularFile, readPart } from "./regularFile.ts";
import type { TableSource } from "./source.ts";

/**
 * Opens a CSV or Parquet file, which of them its first bytes say.
 * @throws TableError where it cannot be read
 */
export async function openTable(file: string): Promise<TableSource> {
  const { handle, size } = await openRegularFile(file);
  try {
    const start = (await readPart(handle, 0, 4)).toString("latin1");
    if (start === PARQUET_MARK || start === "PARE") return await openParquet(file, handle, size);
    if (/\.parquet$/i.test(file)) throw new TableError(`${file} is no Parquet file. Choose a CSV or Parquet file.`);
    return await openCsv(file, handle, size);
  } catch (error) {
    await handle.close();
    throw error instanceof TableError ? error : cannotRead(file, error);
  }
}

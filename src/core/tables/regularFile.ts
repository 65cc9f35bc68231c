import { constants, promises as fs } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { readFailure } from "../files/index.ts";
import { TableError } from "./errors.ts";

/**
 * Opens a file for reading. A pipe or a device would wait for ever, so it is opened without waiting and looked at first.
 * @throws TableError where it cannot be opened, or is no regular file
 */
export async function openRegularFile(file: string): Promise<{ readonly handle: FileHandle; readonly size: number }> {
  // Windows knows no such flag, and has no pipes among files.
  const handle = await fs.open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    throw cannotRead(file, error);
  });
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw new TableError(`${file} is a folder. Choose a CSV or Parquet file.`);
    if (!stat.isFile()) throw new TableError(`${file} is a pipe or a device. Choose a CSV or Parquet file.`);
    return { handle, size: stat.size };
  } catch (error) {
    await handle.close();
    throw error instanceof TableError ? error : cannotRead(file, error);
  }
}

/** Reads a part of a file; shorter where the file ends. */
export async function readPart(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, start + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

export function cannotRead(file: string, error: unknown): TableError {
  return new TableError(`${file}: ${readFailure(error)}. Choose a CSV or Parquet file.`, { cause: error });
}

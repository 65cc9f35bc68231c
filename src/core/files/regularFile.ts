import { closeSync, constants, promises as fs, fstatSync, openSync, readFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";

/** Windows knows no such flag, and has no pipes among files. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file for reading. A pipe would be waited for, for ever, and a device may have no end: both are refused.
 * @param most bytes that it may have
 * @throws an error of the file system
 */
export async function openRegularFile(path: string, most = Number.POSITIVE_INFINITY): Promise<FileHandle> {
  const handle = await fs.open(path, WITHOUT_WAITING);
  try {
    refuseOthers(await handle.stat(), most);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Reads a file as a whole; see `openRegularFile`. */
export async function readRegularFile(path: string, most?: number): Promise<Buffer> {
  const handle = await openRegularFile(path, most);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** The same, at once. */
export function readRegularFileSync(path: string, most = Number.POSITIVE_INFINITY): Buffer {
  const file = openSync(path, WITHOUT_WAITING);
  try {
    refuseOthers(fstatSync(file), most);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** A folder is told from a file when it is read. */
function refuseOthers(stat: { isFile(): boolean; isDirectory(): boolean; readonly size: number }, most: number): void {
  if (stat.isFile() && stat.size > most) {
    throw Object.assign(new Error(`it is larger than ${most / 2 ** 20} MiB`), { code: "EFBIG" });
  }
  if (stat.isFile() || stat.isDirectory()) return;
  throw Object.assign(new Error("it is a pipe or a device"), { code: "ENOTSUP" });
}

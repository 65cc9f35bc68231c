import { closeSync, constants, promises as fs, fstatSync, openSync, readFileSync } from "node:fs";

/** Windows knows no such flag, and has no pipes among files. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a file as a whole. A pipe would be waited for, for ever, and a device may have no end: both are refused.
 * @throws an error of the file system
 */
export async function readRegularFile(path: string): Promise<Buffer> {
  const handle = await fs.open(path, WITHOUT_WAITING);
  try {
    refuseOthers(await handle.stat());
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** The same, at once. */
export function readRegularFileSync(path: string): Buffer {
  const file = openSync(path, WITHOUT_WAITING);
  try {
    refuseOthers(fstatSync(file));
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** A folder is told from a file when it is read. */
function refuseOthers(stat: { isFile(): boolean; isDirectory(): boolean }): void {
  if (stat.isFile() || stat.isDirectory()) return;
  throw Object.assign(new Error("it is a pipe or a device"), { code: "ENOTSUP" });
}

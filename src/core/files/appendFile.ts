import { constants, promises as fs } from "node:fs";
import type { FileHandle } from "node:fs/promises";

/** Windows knows neither flag: there it is looked at first. */
const FLAGS =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file to be added to, and makes it where there is none. In a folder that came from others a link of that name would
 * let lines go into any file of the user's, and a pipe would be waited for: both are refused.
 * @throws an error of the file system
 */
export async function openForAppend(file: string): Promise<FileHandle> {
  const there = await fs.lstat(file).catch(() => undefined);
  if (there?.isSymbolicLink()) throw refusal("it is a link");
  const handle = await fs.open(file, FLAGS, 0o666);
  const stat = await handle.stat();
  if (stat.isFile() && stat.nlink <= 1) return handle;
  await handle.close();
  throw refusal(stat.isFile() ? "it is one file under two names" : "it is a pipe or a device");
}

function refusal(message: string): Error {
  return Object.assign(new Error(message), { code: "ENOTSUP" });
}

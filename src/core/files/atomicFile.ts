import { randomBytes } from "node:crypto";
import { promises as fs } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { cutName } from "../../shared/index.ts";

/** A file that cannot be written; the message says which one, why, and what to do next. */
export class FileError extends Error {
  override readonly name = "FileError";
}

/** Appends bytes; await it before the bytes are reused. */
export type Write = (bytes: Uint8Array) => Promise<void>;

/**
 * Writes a file aside and renames it once it is whole: a stop in the middle leaves the old file, or none.
 * @throws FileError where the place cannot be written; whatever `work` throws
 */
export async function writeAtomically(file: string, work: (write: Write) => Promise<void>): Promise<void> {
  const target = resolve(file);
  const aside = partOf(target);
  const handle = await fs.open(aside, "wx").catch((error: unknown) => {
    throw cannotWrite(target, error);
  });
  try {
    try {
      await work(async (bytes) => {
        // One call may write less than it was given.
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, done).catch((error: unknown) => {
            throw cannotWrite(target, error);
          });
          done += bytesWritten;
        }
      });
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(aside, target).catch((error: unknown) => {
      throw cannotWrite(target, error);
    });
  } catch (error) {
    await fs.rm(aside, { force: true });
    throw error;
  }
}

/** The same for a file whose bytes are at hand. @throws FileError */
export function writeFileAtomically(file: string, bytes: Uint8Array): Promise<void> {
  return writeAtomically(file, (write) => write(bytes));
}

/** Proves that a file can be written, before the work that it is to hold; what is there stays. @throws FileError */
export async function proveWritable(file: string): Promise<void> {
  const target = resolve(file);
  const there = await fs.stat(target).catch(() => null);
  if (there?.isDirectory()) throw cannotWrite(target, Object.assign(new Error(), { code: "EISDIR" }));
  const aside = partOf(target);
  try {
    await (await fs.open(aside, "wx")).close();
  } catch (error) {
    throw cannotWrite(target, error);
  } finally {
    await fs.rm(aside, { force: true }).catch(() => {});
  }
}

/** A path in the same folder, for as long as a file is written; the name of the file may be as long as names can be. */
export function partOf(target: string): string {
  const ending = `.${randomBytes(4).toString("hex")}.part`;
  return join(dirname(target), `${cutName(basename(target), ending.length)}${ending}`);
}

function cannotWrite(file: string, error: unknown): FileError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return new FileError(`${file} cannot be written: ${reason(code, error)}.`, { cause: error });
}

function reason(code: string, error: unknown): string {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "its folder does not exist. Make the folder, or choose another place";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "no permission to write there. Choose another place";
    case "EISDIR":
    case "ENOTEMPTY":
    case "EEXIST":
      return "a folder has that name. Choose another name";
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full. Free some space, or choose another place";
    default:
      return `${error instanceof Error ? error.message : String(error)}. Choose another place`;
  }
}

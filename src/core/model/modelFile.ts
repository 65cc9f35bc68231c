import { dirname } from "node:path";
import type { ModelManifest } from "../../shared/index.ts";
import { FileError, makeFolder, readRegularFile, writeFileAtomically } from "../files/index.ts";
import { ModelError } from "./errors.ts";
import { fingerprint, readManifest } from "./manifest.ts";

/** A model file, as far as it can be told without running it. */
export interface ModelFile {
  readonly manifest: ModelManifest;
  /** SHA-256 of the file, hex. */
  readonly fingerprint: string;
  /** In bytes. */
  readonly size: number;
}

/**
 * Reads what a model file says of itself.
 * @throws ModelError where it cannot be read or is no model of ours
 */
export async function readModelFile(file: string): Promise<ModelFile> {
  const bytes = await readModelBytes(file);
  return { manifest: readManifest(bytes, file), fingerprint: fingerprint(bytes), size: bytes.length };
}

/** The bytes of a model file. @throws ModelError with the reason where it cannot be read */
export async function readModelBytes(file: string): Promise<Buffer> {
  try {
    return await readRegularFile(file);
  } catch (cause) {
    throw new ModelError(`The model ${file} cannot be read: ${fileFailure(cause)}.`, { cause });
  }
}

/**
 * Writes a model file, and its folder where there is none. Whoever reads at the same time sees the old file or the new
 * one, never a part; a failure leaves the old one.
 * @throws ModelError where it cannot be written
 */
export async function writeModelFile(file: string, bytes: Uint8Array): Promise<void> {
  try {
    makeFolder(dirname(file));
    await writeFileAtomically(file, bytes);
  } catch (cause) {
    if (cause instanceof FileError) throw new ModelError(cause.message, { cause });
    throw new ModelError(`${file} cannot be written: ${fileFailure(cause)}.`, { cause });
  }
}

/** Why a file could not be read or written, in plain words, from the error of the file system. */
function fileFailure(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "EISDIR":
      return "it is a folder";
    case "ENOTDIR":
    case "EEXIST":
      return "a part of its path is a file where a folder should be";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "you have no permission";
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full; make room and try again";
    case "ERR_FS_FILE_TOO_LARGE":
      return "it is larger than 2 GiB";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

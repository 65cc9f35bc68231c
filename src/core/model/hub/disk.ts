import { FileError } from "../../files/index.ts";
import { HubError } from "./errors.ts";

/** Does something with a file. @throws HubError that says what is wrong with the disk; a cancellation as it is */
export async function onDisk<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    throw diskError(error, file);
  }
}

/** What stopped the writing of a file. */
function diskError(error: unknown, file: string): HubError {
  const { code, message } = (error instanceof FileError ? error.cause : error) as NodeJS.ErrnoException;
  const why: Record<string, string> = {
    ENOSPC: "the disk is full. Make room and download again; what has arrived is kept.",
    EDQUOT: "the disk quota is used up. Make room and download again; what has arrived is kept.",
    EACCES: "you may not write there. Choose another folder.",
    EPERM: "you may not write there. Choose another folder.",
    EROFS: "the disk is read-only. Choose another folder.",
  };
  return new HubError(`${file} cannot be written: ${why[code ?? ""] ?? `${message}. Choose another folder.`}`, {
    cause: error,
  });
}

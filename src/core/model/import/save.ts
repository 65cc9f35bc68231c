import { promises as fs } from "node:fs";
import { partOf } from "../../files/index.ts";
import { ModelError } from "../errors.ts";

/**
 * Writes a model aside and renames it: whoever reads `file` finds the old model or the new one, never a part.
 * @throws ModelError where it cannot be written; `file` is then as it was
 */
export async function saveModel(file: string, bytes: Uint8Array): Promise<void> {
  const aside = partOf(file);
  try {
    await fs.writeFile(aside, bytes, { flush: true, flag: "wx" });
    await fs.rename(aside, file);
  } catch (error) {
    await fs.rm(aside, { force: true });
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reason =
      code === "ENOSPC"
        ? "the disk is full. Free some space and import again"
        : code === "ENOENT"
          ? "its folder does not exist. Make the folder first"
          : code === "EACCES" || code === "EPERM" || code === "EROFS"
            ? "writing there is not allowed. Choose another place"
            : code === "EISDIR"
              ? "it is a folder. Name a file"
              : `${String(code ?? error)}. Choose another place`;
    throw new ModelError(`${file} cannot be written: ${reason}.`, { cause: error });
  }
}

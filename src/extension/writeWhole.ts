import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { cutName } from "../shared/index.ts";

/**
 * Writes a file that the user chose: aside first, and renamed once it is whole. A full disk, or a stop in the middle, leaves the
 * old file. Where the place is no file system of this machine, its provider writes.
 * @throws Error that names the file and the reason
 */
export async function writeWhole(target: vscode.Uri, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  if (target.scheme !== "file") return vscode.workspace.fs.writeFile(target, bytes);
  const file = target.fsPath;
  const ending = `.${randomBytes(4).toString("hex")}.part`;
  const aside = join(dirname(file), `${cutName(basename(file), ending.length)}${ending}`);
  try {
    const handle = await open(aside, "wx");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => {});
    throw new Error(failure(file, cause), { cause });
  }
}

function failure(file: string, error: unknown): string {
  const t = vscode.l10n.t;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return t("{0} cannot be written: the disk is full. Free some space, or choose another place.", file);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return t("{0} cannot be written ({1}). Choose another place.", file, reason);
}

import { basename } from "node:path";
import * as vscode from "vscode";
import { visible } from "../../shared/index.ts";
import { askModal, tellError } from "../messages.ts";

/**
 * Moves files to the trash, after the user has agreed.
 * @param files absolute paths
 * @returns those that are gone; what could not be moved is told to the user
 */
export async function moveToTrash(files: readonly string[], log: vscode.LogOutputChannel): Promise<string[]> {
  const t = vscode.l10n.t;
  const [first] = files;
  if (first === undefined) return [];
  const question =
    files.length === 1
      ? t("Move {0} to the trash?", basename(first))
      : t("Move {0} files to the trash?", files.length.toLocaleString());
  const shown = files.slice(0, 10).map((file) => basename(file));
  if (files.length > shown.length) shown.push("...");
  const agree = t("Move to Trash");
  const answer = await askModal(question, shown.map(visible).join("\n"), agree);
  if (answer !== agree) return [];
  const gone: string[] = [];
  let failed = 0;
  for (const file of files) {
    try {
      await vscode.workspace.fs.delete(vscode.Uri.file(file), { useTrash: true });
      gone.push(file);
    } catch (error) {
      failed++;
      log.error(`${file} could not be moved to the trash: ${String(error)}`);
    }
  }
  if (failed > 0) {
    void tellError(
      t(
        "Lookalike: {0} of {1} files could not be moved to the trash, and are still there; the log says why. A remote machine may have no trash: put them away instead.",
        failed,
        files.length,
      ),
    );
  }
  return gone;
}

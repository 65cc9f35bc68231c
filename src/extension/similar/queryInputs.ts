import { stat } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import { IMAGE_EXTENSIONS, isImageName } from "../../shared/index.ts";
import { isOnThisMachine } from "./onThisMachine.ts";

/**
 * The image files behind dropped URIs.
 * @throws Error naming what cannot be taken, where nothing can
 */
export async function droppedImages(uris: readonly string[]): Promise<string[]> {
  const t = vscode.l10n.t;
  const files: string[] = [];
  let problem = t("Nothing was dropped that is an image file.");
  for (const text of uris) {
    const uri = vscode.Uri.parse(text);
    const file = uri.scheme === "vscode-remote" ? uri.with({ scheme: "file", authority: "" }) : uri;
    if (!isOnThisMachine(uri)) {
      problem = t("{0} is not a file on this machine. Save a copy to disk first.", uri.toString());
    } else if (!isImageName(file.path)) {
      problem = t("{0} is not an image file that can be read.", basename(file.path));
    } else if (await isFile(file.fsPath)) files.push(file.fsPath);
    else problem = t("{0} is not there any more.", basename(file.path));
  }
  if (files.length === 0) throw new Error(problem);
  return files;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** Images that the user picks on disk; none where the dialog is closed. */
export async function pickImages(folder: string): Promise<string[]> {
  const picked = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Find images similar to"),
    canSelectMany: true,
    filters: { [vscode.l10n.t("Images")]: [...IMAGE_EXTENSIONS] },
    defaultUri: vscode.Uri.file(folder),
  });
  return (picked ?? []).map(({ fsPath }) => fsPath);
}

import { dirname } from "node:path";
import * as vscode from "vscode";
import { NoFolderError } from "./failures.ts";

/**
 * The indexed folder that belongs to an image: its workspace folder; without one, the only workspace folder or the one
 * that the user picks; in a window without folders, the folder of the image.
 * @returns an absolute path; undefined where the user picked none
 */
export async function rootOfImage(image: vscode.Uri): Promise<string | undefined> {
  const own = vscode.workspace.getWorkspaceFolder(image);
  if (own !== undefined) return own.uri.fsPath;
  if (fileFolders().length === 0) return dirname(image.fsPath);
  return pickRoot();
}

/** As `rootOfImage`, without asking: undefined where that would have to. */
export function folderOfImage(image: vscode.Uri): string | undefined {
  const own = vscode.workspace.getWorkspaceFolder(image);
  if (own !== undefined) return own.uri.fsPath;
  const folders = fileFolders();
  return folders.length === 0 ? dirname(image.fsPath) : folders.length === 1 ? folders[0]!.uri.fsPath : undefined;
}

/** The workspace folder, or the one of several that the user picks; undefined where there is none. */
export async function pickRoot(): Promise<string | undefined> {
  const folders = fileFolders();
  if (folders.length <= 1) return folders[0]?.uri.fsPath;
  const picked = await vscode.window.showWorkspaceFolderPick({
    placeHolder: vscode.l10n.t("Folder of images"),
  });
  return picked?.uri.fsPath;
}

/**
 * The workspace folder of what was clicked; of nothing that was clicked as `pickRoot`.
 * @throws where there is none; a cancellation where the user picked none of several
 */
export async function requireRoot(clicked?: vscode.Uri): Promise<string> {
  const own = clicked === undefined ? undefined : vscode.workspace.getWorkspaceFolder(clicked)?.uri.fsPath;
  if (own !== undefined) return own;
  if (clicked !== undefined || fileFolders().length === 0) {
    throw new NoFolderError(vscode.l10n.t("No folder is open. Open a folder of images first."));
  }
  const picked = await pickRoot();
  if (picked === undefined) throw new vscode.CancellationError();
  return picked;
}

/** The workspace folders on this machine. */
export function fileFolders(): vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
}

import * as vscode from "vscode";
import { TABLE_EXTENSIONS } from "../../shared/index.ts";

/** The workspace folder of a path. */
export function rootOf(path: string): string | undefined {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path))?.uri.fsPath;
}

/** @returns an absolute path; undefined where the user picked none */
export async function pickFolder(near: string): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Folder to train on"),
    canSelectFiles: false,
    canSelectFolders: true,
    defaultUri: vscode.Uri.file(near),
  });
  return picked?.[0]?.fsPath;
}

/** @returns an absolute path; undefined where the user picked none */
export async function pickLabels(near: string): Promise<string | undefined> {
  const t = vscode.l10n.t;
  const picked = await vscode.window.showOpenDialog({
    title: t("Labels of the images"),
    filters: { [t("Tables")]: [...TABLE_EXTENSIONS] },
    defaultUri: vscode.Uri.file(near),
  });
  return picked?.[0]?.fsPath;
}

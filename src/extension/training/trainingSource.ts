import { basename } from "node:path";
import * as vscode from "vscode";
import { TABLE_EXTENSIONS } from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { indexSettings } from "../settings.ts";
import { columnsOfLabels } from "./labelColumns.ts";
import type { ChosenLabels } from "./trainingSession.ts";

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

/**
 * Lets the user choose a table of labels and, where it has several columns that could be meant, one of them.
 * @returns undefined where the user picked none
 * @throws where the file is no table of images
 */
export async function pickLabels(folder: string, engine: EngineClient): Promise<ChosenLabels | undefined> {
  const t = vscode.l10n.t;
  const picked = await vscode.window.showOpenDialog({
    title: t("Labels of the images"),
    filters: { [t("Tables")]: [...TABLE_EXTENSIONS] },
    defaultUri: vscode.Uri.file(folder),
  });
  const file = picked?.[0]?.fsPath;
  if (file === undefined) return undefined;
  const asked = { folder, under: "", files: [file], beside: false, ...indexSettings() };
  const [table] = await engine.request("projection/tables", asked);
  const columns = columnsOfLabels(table?.columns ?? []);
  // A file without any is told of by the counting, as one that cannot be read is.
  const [only, another] = columns;
  if (only === undefined || another === undefined) return { labels: file, labelColumn: only ?? null };
  const items = columns.map((label) => ({ label }));
  const column = await vscode.window.showQuickPick(items, { title: t("Column of labels in {0}", basename(file)) });
  return column && { labels: file, labelColumn: column.label };
}

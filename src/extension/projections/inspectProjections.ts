import { relative, sep } from "node:path";
import * as vscode from "vscode";
import { pickRoot } from "../roots.ts";
import type { Services } from "../services.ts";

/** Shows the maps of the folder that was right-clicked, else of the workspace folder. */
export async function inspectProjections({ projections }: Services, [uri]: unknown[]): Promise<void> {
  if (uri instanceof vscode.Uri) {
    const root = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
    if (root !== undefined) {
      projections.show(root, relative(root, uri.fsPath).split(sep).join("/"));
      return;
    }
  }
  const folder = await pickRoot();
  if (folder === undefined) throw new Error(vscode.l10n.t("No folder is open. Open a folder of images first."));
  projections.show(folder, "");
}

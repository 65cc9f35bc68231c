import { relative, sep } from "node:path";
import * as vscode from "vscode";
import { requireRoot } from "../roots.ts";
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
  const folder = await requireRoot();
  projections.show(folder, "");
}

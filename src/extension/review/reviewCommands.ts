import { relative, sep } from "node:path";
import * as vscode from "vscode";
import type { ReviewKind } from "../../shared/index.ts";
import { pickRoot } from "../roots.ts";
import type { Services } from "../services.ts";

/** Lists duplicates or suspicious labels of a folder: the one that was clicked, else the workspace folder. */
export async function review({ reviews, tables }: Services, kind: ReviewKind, uri: unknown): Promise<void> {
  const clicked = uri instanceof vscode.Uri ? uri : undefined;
  const folder = clicked === undefined ? await pickRoot() : vscode.workspace.getWorkspaceFolder(clicked)?.uri.fsPath;
  if (folder === undefined) throw new Error(vscode.l10n.t("No folder is open. Open a folder of images first."));
  const under = clicked === undefined ? "" : relative(folder, clicked.fsPath).split(sep).join("/");
  reviews.show({ kind, folder, under, labels: tables.labels(folder) });
}

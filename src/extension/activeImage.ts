import * as vscode from "vscode";
import { isImageName } from "../shared/index.ts";

/** The image that is open in the active editor, whichever editor shows it. */
export function activeImage(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText)) return undefined;
  return isImageName(input.uri.path) ? input.uri : undefined;
}

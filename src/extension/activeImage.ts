import * as vscode from "vscode";
import { isImageName } from "../shared/index.ts";

/** The image that is open in the active editor, whichever editor shows it. */
export function activeImage(): vscode.Uri | undefined {
  return imageIn(vscode.window.tabGroups.activeTabGroup);
}

/** The image of the active editor, else one that another column shows. */
export function visibleImage(): vscode.Uri | undefined {
  return activeImage() ?? vscode.window.tabGroups.all.map(imageIn).find((image) => image !== undefined);
}

function imageIn({ activeTab }: vscode.TabGroup): vscode.Uri | undefined {
  const input = activeTab?.input;
  if (!(input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText)) return undefined;
  return isImageName(input.uri.path) ? input.uri : undefined;
}

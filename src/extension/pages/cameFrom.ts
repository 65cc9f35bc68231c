import * as vscode from "vscode";

/** Where a command was called from that opens a page. */
let from: "explorer" | "editor" = "explorer";

/** @param args of the command: the Explorer's menus hand over what was clicked */
export function noteOrigin(args: readonly unknown[]): void {
  from = args[0] instanceof vscode.Uri ? "explorer" : "editor";
}

/** Gives the focus back to where the user came from: the Explorer, or the editor that was open before. */
export async function goBack(): Promise<void> {
  const several = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).length > 1;
  await vscode.commands.executeCommand(
    from === "editor" && several
      ? "workbench.action.openPreviousRecentlyUsedEditor"
      : "workbench.files.action.focusFilesExplorer",
  );
}

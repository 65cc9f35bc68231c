import * as vscode from "vscode";

/** Opens an image beside a panel, never over it, whichever column is active. */
export async function openBeside(
  panel: vscode.WebviewPanel,
  image: vscode.Uri,
  options: Pick<vscode.TextDocumentShowOptions, "preview" | "preserveFocus">,
): Promise<void> {
  const { One, Two } = vscode.ViewColumn;
  await vscode.commands.executeCommand("vscode.open", image, {
    viewColumn: panel.viewColumn === One ? Two : One,
    ...options,
  } satisfies vscode.TextDocumentShowOptions);
}

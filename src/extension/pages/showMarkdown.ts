import * as vscode from "vscode";

/** Shows a Markdown file as a page in the theme of VS Code; where its Markdown extension is switched off, as text. */
export async function showMarkdown(file: vscode.Uri): Promise<void> {
  const shown = vscode.commands.executeCommand("markdown.showPreview", file);
  await Promise.resolve(shown).catch(() => vscode.window.showTextDocument(file, { preview: true }));
}

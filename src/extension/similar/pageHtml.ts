import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** The page of the similar panel. It may load its own script and style and show blobs, and nothing else. */
export function similarHtml(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const uri = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, "dist", "webview", name));
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    "img-src blob:",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uri("similar.css")}">
<title>Lookalike</title>
</head>
<body data-vscode-context='{"preventDefaultContextMenuItems": true}'>
<lookalike-similar></lookalike-similar>
<script nonce="${nonce}" src="${uri("similar.js")}"></script>
</body>
</html>`;
}

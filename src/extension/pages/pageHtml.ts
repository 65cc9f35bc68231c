import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { env, l10n } from "vscode";

export type PageName = "similar" | "projections" | "training" | "follow" | "review" | "evaluation" | "picture";

/**
 * The page of a panel or view. It may run its own script and style and show blobs, and nothing else. Both stand in it:
 * fetched one by one they would go through the window and back, which takes longer than all else until the first picture.
 * Until it has drawn something, a word stands there.
 * @param extension folder of the extension
 * @param strings what the page shows, by English text
 */
export function pageHtml(extension: string, page: PageName, strings: Readonly<Record<string, string>>): string {
  const nonce = randomBytes(16).toString("base64");
  const built = (ending: string) => readFileSync(join(extension, "dist", "webview", `${page}.${ending}`), "utf8");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src blob:",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style nonce="${nonce}">${built("css")}</style>
<title>Lookalike</title>
</head>
<body data-vscode-context='{"preventDefaultContextMenuItems": true}'>
<lookalike-${page}></lookalike-${page}>
<p class="opening">${l10n.t("Opening")}</p>
<script type="application/json" id="strings">${JSON.stringify(strings).replaceAll("<", "\\u003c")}</script>
<script nonce="${nonce}">${built("js")}</script>
</body>
</html>`;
}

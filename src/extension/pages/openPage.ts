import type * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc/node";
import { type Handlers, serve } from "../../shared/index.ts";
import { goBack, trackOrigin } from "./cameFrom.ts";
import { type PageName, pageHtml } from "./pageHtml.ts";
import { connectPage } from "./pageLink.ts";

/**
 * Loads a page into the webview of a panel or view, and answers what it asks. A hidden page is gone and misses what is
 * posted; back again it asks for the state by itself.
 * @param strings what the page shows by English text
 */
export function openPage<Requests extends { [K in keyof Requests]: { params: unknown; result: unknown } }>(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  page: PageName,
  handlers: Handlers<Requests, unknown>,
  strings: Readonly<Record<string, string>>,
): MessageConnection {
  // All that a page needs is in its HTML.
  webview.options = { enableScripts: true, localResourceRoots: [] };
  const connection = connectPage(webview);
  serve(connection, handlers);
  connection.onNotification("leave", () => void goBack(webview));
  trackOrigin(webview, (from) => void connection.sendNotification("cameFrom", { from }));
  connection.listen();
  webview.html = pageHtml(extensionUri.fsPath, page, strings);
  return connection;
}

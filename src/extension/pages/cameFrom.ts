import * as vscode from "vscode";

/** Where one came to a page from. */
type Origin = "explorer" | "editor";

interface Page {
  origin: Origin;
  /** Tells the page, which keeps it over a reload of the window. */
  tell(): void;
}

/** Of the command that is running; a page that opens without one was opened from another page. */
let latest: Origin = "editor";
const pages = new WeakMap<vscode.Webview, Page>();
const kept = new WeakMap<vscode.Webview, Origin>();

/** Runs a command that may open a page. @param args of it: the Explorer's menus hand over what was clicked */
export async function withOrigin(args: readonly unknown[], run: () => unknown): Promise<void> {
  latest = args[0] instanceof vscode.Uri ? "explorer" : "editor";
  try {
    await run();
  } finally {
    latest = "editor";
  }
}

/** A page of before a reload of the window is opened again. @param state what it kept */
export function rememberOrigin({ webview }: vscode.WebviewPanel, state: unknown): void {
  const known = typeof state === "object" && state !== null && "cameFrom" in state && state.cameFrom === "editor";
  kept.set(webview, known ? "editor" : "explorer");
}

/** A page is opened in a panel. @param tell sends it a message */
export function trackOrigin(webview: vscode.Webview, tell: (origin: Origin) => void): void {
  const page: Page = { origin: kept.get(webview) ?? latest, tell: () => tell(page.origin) };
  pages.set(webview, page);
  // What is sent before its first message is lost.
  webview.onDidReceiveMessage((message: { readonly method?: unknown } | null) => {
    if (message?.method === "ready") page.tell();
  });
}

/** An open page is come to once more. Whoever stays in it keeps the way back. */
export function cameTo({ webview, active }: vscode.WebviewPanel): void {
  const page = pages.get(webview);
  if (page === undefined || (active && latest === "editor")) return;
  page.origin = latest;
  page.tell();
}

/** Gives the focus back to where the user came from: the Explorer, or the editor that was open before. */
export async function goBack(webview: vscode.Webview): Promise<void> {
  const several = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).length > 1;
  await vscode.commands.executeCommand(
    pages.get(webview)?.origin === "editor" && several
      ? "workbench.action.openPreviousRecentlyUsedEditor"
      : "workbench.files.action.focusFilesExplorer",
  );
}

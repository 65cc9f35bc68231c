import * as vscode from "vscode";

/** Where one came to a page from: the Explorer, a file that was open (its URI), or another page. */
type Origin = "explorer" | "editor" | `file:${string}`;

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
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  latest = args[0] instanceof vscode.Uri ? "explorer" : (fileIn(activeTab) ?? "editor");
  try {
    await run();
  } finally {
    latest = "editor";
  }
}

/** A page of before a reload of the window is opened again. @param state what it kept */
export function rememberOrigin({ webview }: vscode.WebviewPanel, state: unknown): void {
  const from = typeof state === "object" && state !== null && "cameFrom" in state ? state.cameFrom : undefined;
  kept.set(webview, isOrigin(from) ? from : "explorer");
}

function isOrigin(from: unknown): from is Origin {
  return typeof from === "string" && (from === "editor" || from.startsWith("file:"));
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
  const origin = pages.get(webview)?.origin ?? "explorer";
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  // By its name: which editor was the one before, VS Code may not know any more after a reload.
  const tab = tabs.find((each) => fileIn(each) === origin);
  if (tab !== undefined) return reveal(tab);
  await vscode.commands.executeCommand(
    origin !== "explorer" && tabs.length > 1
      ? "workbench.action.openPreviousRecentlyUsedEditor"
      : "workbench.files.action.focusFilesExplorer",
  );
}

/** The file that an editor shows; undefined where it shows none. */
function fileIn(tab: vscode.Tab | undefined): `file:${string}` | undefined {
  const input = tab?.input;
  if (!(input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom)) return undefined;
  return input.uri.scheme === "file" ? `file:${input.uri.toString().slice("file:".length)}` : undefined;
}

async function reveal({ input, group: { viewColumn }, isPreview }: vscode.Tab): Promise<void> {
  if (!(input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom)) return;
  const editor = input instanceof vscode.TabInputCustom ? input.viewType : "default";
  const how = { viewColumn, preview: isPreview, preserveFocus: false };
  await vscode.commands.executeCommand("vscode.openWith", input.uri, editor, how);
}

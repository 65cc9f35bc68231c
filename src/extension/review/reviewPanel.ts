import * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc/node";
import { type Handlers, type NoticeAction, type ReviewRequests, type SavedReview, serve } from "../../shared/index.ts";
import { checkedHandlers } from "../pages/checked.ts";
import { pageHtml } from "../pages/pageHtml.ts";
import { connectPage } from "../pages/pageLink.ts";
import { indexSettings } from "../settings.ts";
import { REVIEW_PARAMS } from "./pageMessages.ts";
import { reviewStrings } from "./pageStrings.ts";
import type { ReviewParts } from "./reviewPanels.ts";
import type { ReviewHost, ReviewSession } from "./reviewSession.ts";
import { moveToTrash } from "./trash.ts";

interface PanelOwner {
  newSession(saved: SavedReview, changed: ReviewHost["changed"]): ReviewSession;
}

/** One webview panel with the list that it shows. */
export class ReviewPanel implements vscode.Disposable {
  readonly webviewPanel: vscode.WebviewPanel;
  readonly #parts: ReviewParts;
  readonly #owner: PanelOwner;
  readonly #connection: MessageConnection;
  #session: ReviewSession;

  constructor(webviewPanel: vscode.WebviewPanel, saved: SavedReview, parts: ReviewParts, owner: PanelOwner) {
    this.webviewPanel = webviewPanel;
    this.#parts = parts;
    this.#owner = owner;
    const { extensionUri } = parts.context;
    webviewPanel.iconPath = new vscode.ThemeIcon("checklist");
    webviewPanel.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist", "webview")],
    };
    this.#session = this.#newSession(saved);
    this.#connection = connectPage(webviewPanel.webview);
    serve(this.#connection, this.#handlers());
    this.#connection.listen();
    webviewPanel.webview.html = pageHtml(webviewPanel.webview, extensionUri, "review");
    void this.#session.start();
  }

  get session(): ReviewSession {
    return this.#session;
  }

  /** Lists something else. */
  show(saved: SavedReview): void {
    this.#session.dispose();
    this.#session = this.#newSession(saved);
    this.#send();
    void this.#session.start();
  }

  dispose(): void {
    this.#session.dispose();
    this.#connection.dispose();
  }

  #newSession(saved: SavedReview): ReviewSession {
    const session = this.#owner.newSession(saved, () => this.#send());
    const { folder } = session.state;
    const t = vscode.l10n.t;
    this.webviewPanel.title =
      saved.kind === "duplicates" ? t("Duplicates: {0}", folder) : t("Suspicious labels: {0}", folder);
    return session;
  }

  #send(): void {
    const { state, saved } = this.#session;
    if (this.webviewPanel.visible) void this.#connection.sendNotification("state", { state, saved });
  }

  #handlers(): Handlers<ReviewRequests, unknown> {
    const { engine, similar, log } = this.#parts;
    const checked = checkedHandlers<ReviewRequests>(REVIEW_PARAMS, log);
    return {
      ready: checked("ready", async () => {
        const { state, saved } = this.#session;
        return { state, saved, strings: reviewStrings() };
      }),
      thumbnail: checked("thumbnail", async ({ path, size }) => {
        const params = { folder: this.#session.saved.folder, image: this.#file(path), size, ...indexSettings() };
        const thumbnail = await engine.request("image/thumbnail", params);
        // Process IPC delivers a Buffer, which VS Code would send to the page as a list of numbers.
        return { ...thumbnail, bytes: Uint8Array.from(thumbnail.bytes) };
      }),
      open: checked("open", async ({ path }) => {
        const { One, Two } = vscode.ViewColumn;
        await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(this.#file(path)), {
          viewColumn: this.webviewPanel.viewColumn === One ? Two : One,
          preview: true,
          preserveFocus: true,
        } satisfies vscode.TextDocumentShowOptions);
        return null;
      }),
      reveal: checked("reveal", async ({ path }) => {
        await vscode.commands.executeCommand("revealInExplorer", vscode.Uri.file(this.#file(path)));
        return null;
      }),
      findSimilar: checked("findSimilar", async ({ path }) => {
        await similar.show(this.#session.saved.folder, this.#file(path));
        return null;
      }),
      trash: checked("trash", async ({ paths }) => {
        const files = new Map(paths.map((path) => [this.#file(path), path]));
        const gone = (await moveToTrash([...files.keys()], log)).map((file) => files.get(file)!);
        this.#session.forget(new Set(gone));
        return gone;
      }),
      action: checked("action", async ({ action }) => {
        this.#act(action);
        return null;
      }),
    };
  }

  #file(path: string): string {
    const file = this.#session.resolve(path);
    if (file === undefined) throw new Error(`${path} is in none of the lists.`);
    return file;
  }

  #act(action: NoticeAction): void {
    const { runs, engine, log } = this.#parts;
    switch (action) {
      case "cancelIndexing":
        this.#session.stop();
        runs.cancel(this.#session.saved.folder);
        break;
      case "showLog":
        log.show();
        break;
      case "retry":
      case "indexFolder":
        engine.forgive();
        void this.#session.start();
        break;
      case "endComparison":
    }
  }
}

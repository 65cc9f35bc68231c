import { basename } from "node:path";
import * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc/node";
import {
  type Handlers,
  type PageNotifications,
  type PageRequests,
  type SimilarState,
  serve,
} from "../../shared/index.ts";
import { checkedHandlers } from "../pages/checked.ts";
import { pageHtml } from "../pages/pageHtml.ts";
import { connectPage } from "../pages/pageLink.ts";
import { indexSettings, similarCount } from "../settings.ts";
import { PAGE_PARAMS } from "./pageMessages.ts";
import { pageStrings } from "./pageStrings.ts";
import type { SimilarParts } from "./similarPanels.ts";
import type { Session } from "./similarSession.ts";

interface PanelOwner {
  /** @param models to compare; none: the one that is chosen for the folder */
  newSession(folder: string, image: string, models: readonly string[], changed: (state: SimilarState) => void): Session;
  open(path: string, mode: "preview" | "keep"): Promise<void>;
}

/** One webview panel with the session that it shows. */
export class SimilarPanel implements vscode.Disposable {
  readonly webviewPanel: vscode.WebviewPanel;
  readonly #parts: SimilarParts;
  readonly #owner: PanelOwner;
  readonly #connection: MessageConnection;
  #session: Session | undefined;
  /** Models that are compared; none: the one that is chosen for the folder. */
  #models: readonly string[] = [];

  constructor(webviewPanel: vscode.WebviewPanel, parts: SimilarParts, owner: PanelOwner) {
    this.webviewPanel = webviewPanel;
    this.#parts = parts;
    this.#owner = owner;
    const { extensionUri } = parts.context;
    webviewPanel.iconPath = new vscode.ThemeIcon("search-fuzzy");
    webviewPanel.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist", "webview")],
    };
    this.#connection = connectPage(webviewPanel.webview);
    serve(this.#connection, this.#handlers());
    this.#connection.listen();
    webviewPanel.webview.html = pageHtml(webviewPanel.webview, extensionUri, "similar");
    // A hidden page is gone and misses what is posted; back again it asks for the state by itself.
  }

  get session(): Session {
    if (this.#session === undefined) throw new Error("The panel has no query yet.");
    return this.#session;
  }

  /** Replaces the query. */
  query(folder: string, image: string): void {
    this.#session?.dispose();
    this.webviewPanel.title = vscode.l10n.t("Similar: {0}", basename(image));
    this.#session = this.#owner.newSession(folder, image, this.#models, () => this.#send());
    this.#send();
    void this.#session.start();
  }

  /** Asks the same again: the settings or the trust of the workspace changed. */
  restart(): void {
    this.query(this.session.folder, this.session.image);
  }

  /** Shows the query under each of several models, and later ones too; none of them ends that. */
  compare(models: readonly string[]): void {
    this.#models = models;
    this.restart();
  }

  dispose(): void {
    this.#session?.dispose();
    this.#connection.dispose();
  }

  #send(): void {
    if (this.webviewPanel.visible) void this.#connection.sendNotification("state", this.#shown());
  }

  #shown(): PageNotifications["state"] {
    const { state, folder, image } = this.session;
    return { state, saved: { folder, image } };
  }

  #handlers(): Handlers<PageRequests, unknown> {
    const { engine, runs, log } = this.#parts;
    const checked = checkedHandlers<PageRequests>(PAGE_PARAMS, log);
    return {
      ready: checked("ready", async () => ({ ...this.#shown(), strings: pageStrings() })),
      thumbnail: checked("thumbnail", async ({ path, size }) => {
        const { folder } = this.session;
        const image = this.session.resolve(path);
        if (image === undefined) throw new Error(`${path} is not in the indexed folder.`);
        const thumbnail = await engine.request("image/thumbnail", {
          folder,
          image,
          size,
          // Of any index that is open anyway: a thumbnail is the same in each.
          ...(this.#models[0] === undefined ? {} : { model: this.#models[0] }),
          ...indexSettings(),
        });
        // Process IPC delivers a Buffer, which VS Code would send to the page as a list of numbers.
        return { ...thumbnail, bytes: Uint8Array.from(thumbnail.bytes) };
      }),
      open: checked("open", async ({ path, mode }) => {
        await this.#owner.open(path, mode);
        return null;
      }),
      more: checked("more", async ({ k }) => {
        await this.session.more(Math.max(k, similarCount()));
        return null;
      }),
      action: checked("action", async ({ action }) => {
        switch (action) {
          case "cancelIndexing":
            runs.cancel(this.session.folder);
            break;
          case "showLog":
            log.show();
            break;
          case "retry":
            engine.forgive();
            this.restart();
            break;
          case "indexFolder":
            this.restart();
            break;
          case "endComparison":
            this.compare([]);
        }
        return null;
      }),
    };
  }
}

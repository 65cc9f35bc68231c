import * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc/node";
import type { Handlers, NoticeAction, ReviewRequests, SavedReview } from "../../shared/index.ts";
import { enterPassword } from "../databasePassword.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import type { ImageTables } from "../imageTables.ts";
import type { IndexRuns } from "../indexRuns.ts";
import { checkedHandlers } from "../pages/checked.ts";
import { openBeside } from "../pages/openBeside.ts";
import { openPage } from "../pages/openPage.ts";
import { pageThumbnail } from "../pages/thumbnail.ts";
import type { SimilarPanels } from "../similar/similarPanels.ts";
import type { StatusBar } from "../statusBar.ts";
import { REVIEW_PARAMS } from "./pageMessages.ts";
import { reviewStrings } from "./pageStrings.ts";
import { putAwayAgreed, saveList } from "./putAway.ts";
import type { ReviewHost, ReviewSession } from "./reviewSession.ts";
import { moveToTrash } from "./trash.ts";

export interface ReviewParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
  readonly runs: IndexRuns;
  readonly status: StatusBar;
  readonly similar: SimilarPanels;
  readonly tables: ImageTables;
}

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
    webviewPanel.iconPath = new vscode.ThemeIcon("checklist");
    this.#session = this.#newSession(saved);
    this.#connection = openPage(
      webviewPanel.webview,
      parts.context.extensionUri,
      "review",
      this.#handlers(),
      reviewStrings(),
    );
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
    const { engine, similar, tables, log } = this.#parts;
    const checked = checkedHandlers<ReviewRequests>(REVIEW_PARAMS, log);
    return {
      ready: checked("ready", async () => {
        const { state, saved } = this.#session;
        return { state, saved };
      }),
      thumbnail: checked("thumbnail", ({ path, size }) =>
        pageThumbnail(engine, { folder: this.#session.saved.folder, image: this.#file(path), size }),
      ),
      open: checked("open", async ({ path }) => {
        const file = vscode.Uri.file(this.#file(path));
        await openBeside(this.webviewPanel, file, { preview: true, preserveFocus: true });
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
      putAway: checked("putAway", async ({ paths }) => {
        for (const path of paths) this.#file(path);
        const gone = await putAwayAgreed(engine, this.#session.saved.folder, paths, log);
        this.#session.forget(new Set(gone));
        return gone;
      }),
      saveList: checked("saveList", async ({ paths }) => {
        await saveList(
          this.#session.saved.folder,
          paths.map((path) => this.#file(path)),
        );
        return null;
      }),
      labels: checked("labels", async ({ from }) => {
        const { folder } = this.#session.saved;
        if (from !== null) await tables.check([folder], from.file);
        await tables.keepLabels(folder, from);
        // Answers at once; what it starts reports by itself.
        void this.#session.takeLabels(from);
        return null;
      }),
      chooseTable: checked("chooseTable", async () => {
        const table = await tables.choose(this.#session.saved.folder);
        if (table !== null) await this.#session.findTables();
        return table;
      }),
      action: checked("action", async ({ action }) => {
        await this.#act(action);
        return null;
      }),
    };
  }

  #file(path: string): string {
    const file = this.#session.resolve(path);
    if (file === undefined) throw new Error(`${path} is in none of the lists.`);
    return file;
  }

  async #act(action: NoticeAction): Promise<void> {
    const { runs, engine, log } = this.#parts;
    switch (action) {
      case "enterPassword":
        await enterPassword(this.#parts, () => void this.#session.start());
        break;
      case "cancelIndexing":
        this.#session.stop();
        runs.cancel(this.#session.saved.folder);
        break;
      case "manageTrust":
        await vscode.commands.executeCommand("workbench.trust.manage");
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

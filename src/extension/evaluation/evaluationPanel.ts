import { basename } from "node:path";
import * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc/node";
import type { EvaluationPageRequests, Handlers, NoticeAction, SavedEvaluation } from "../../shared/index.ts";
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
import { writeWhole } from "../writeWhole.ts";
import type { EvaluationHost, EvaluationSession } from "./evaluationSession.ts";
import { EVALUATION_PARAMS } from "./pageMessages.ts";
import { evaluationStrings } from "./pageStrings.ts";

export interface EvaluationParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
  readonly runs: IndexRuns;
  readonly status: StatusBar;
  readonly similar: SimilarPanels;
  readonly tables: ImageTables;
}

interface PanelOwner {
  newSession(saved: SavedEvaluation, changed: EvaluationHost["changed"]): EvaluationSession;
}

/** One webview panel with a report. */
export class EvaluationPanel implements vscode.Disposable {
  readonly webviewPanel: vscode.WebviewPanel;
  readonly #parts: EvaluationParts;
  readonly #owner: PanelOwner;
  readonly #connection: MessageConnection;
  #session: EvaluationSession;

  constructor(webviewPanel: vscode.WebviewPanel, saved: SavedEvaluation, parts: EvaluationParts, owner: PanelOwner) {
    this.webviewPanel = webviewPanel;
    this.#parts = parts;
    this.#owner = owner;
    webviewPanel.iconPath = new vscode.ThemeIcon("beaker");
    this.#session = this.#newSession(saved);
    const { extensionUri } = parts.context;
    this.#connection = openPage(
      webviewPanel.webview,
      extensionUri,
      "evaluation",
      this.#handlers(),
      evaluationStrings(),
    );
    void this.#session.start();
  }

  get session(): EvaluationSession {
    return this.#session;
  }

  /** Evaluates another folder. */
  show(saved: SavedEvaluation): void {
    this.#session.dispose();
    this.#session = this.#newSession(saved);
    this.#send();
    void this.#session.start();
  }

  dispose(): void {
    this.#session.dispose();
    this.#connection.dispose();
  }

  #newSession(saved: SavedEvaluation): EvaluationSession {
    this.webviewPanel.title = vscode.l10n.t("Retrieval: {0}", basename(saved.folder));
    return this.#owner.newSession(saved, () => this.#send());
  }

  #send(): void {
    const { state, saved } = this.#session;
    if (this.webviewPanel.visible) void this.#connection.sendNotification("state", { state, saved });
  }

  #handlers(): Handlers<EvaluationPageRequests, unknown> {
    const { engine, similar, tables, log } = this.#parts;
    const checked = checkedHandlers<EvaluationPageRequests>(EVALUATION_PARAMS, log);
    return {
      ready: checked("ready", async () => {
        const { state, saved } = this.#session;
        return { state, saved };
      }),
      thumbnail: checked("thumbnail", ({ path, size }) =>
        pageThumbnail(engine, { folder: this.#session.saved.folder, image: this.#file(path), size }),
      ),
      findSimilar: checked("findSimilar", async ({ path }) => {
        await similar.show(this.#session.saved.folder, this.#file(path));
        return null;
      }),
      open: checked("open", async ({ path }) => {
        const file = vscode.Uri.file(this.#file(path));
        await openBeside(this.webviewPanel, file, { preview: true, preserveFocus: true });
        return null;
      }),
      choose: checked("choose", async (choice) => {
        const { folder } = this.#session.saved;
        if (choice.labels !== null) await tables.check([folder], choice.labels.file);
        tables.checkBoxes(folder, choice.boxes);
        await tables.keepLabels(folder, choice.labels);
        await tables.keepBoxes(folder, choice.boxes);
        // Answers at once; what it starts reports by itself.
        void this.#session.choose(choice);
        return null;
      }),
      chooseTable: checked("chooseTable", async () => {
        const table = await tables.choose(this.#session.saved.folder);
        if (table !== null) await this.#session.findTables();
        return table;
      }),
      chooseBoxes: checked("chooseBoxes", () => tables.chooseBoxes(this.#session.saved.folder)),
      save: checked("save", async () => {
        await this.#save();
        return null;
      }),
      action: checked("action", async ({ action }) => {
        await this.#act(action);
        return null;
      }),
    };
  }

  async #save(): Promise<void> {
    const { state, saved } = this.#session;
    if (state.report === null) return;
    const uri = await vscode.window.showSaveDialog({
      title: vscode.l10n.t("Save the report"),
      filters: { HTML: ["html"] },
      defaultUri: vscode.Uri.joinPath(vscode.Uri.file(saved.folder), "..", `${basename(saved.folder)}-retrieval.html`),
    });
    if (uri === undefined) return;
    const { html } = await this.#parts.engine.request("evaluation/html", { run: this.#session.run });
    await writeWhole(uri, html);
  }

  #file(path: string): string {
    const file = this.#session.resolve(path);
    if (file === undefined) throw new Error(`${path} is not in the report.`);
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

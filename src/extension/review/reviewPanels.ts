import { basename } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import type { EngineNotifications, EngineRequests, ReviewKind, SavedReview } from "../../shared/index.ts";
import { untilAborted } from "../engine/untilAborted.ts";
import { isCancellation, loggedFailure, wantsPassword } from "../failures.ts";
import { showFolderStatus } from "../folderStatus.ts";
import { REVIEW_VIEW } from "../ids.ts";
import { cameTo } from "../pages/cameFrom.ts";
import { OpenPanels } from "../pages/openPanels.ts";
import { indexSettings } from "../settings.ts";
import { SavedReviewSchema } from "./pageMessages.ts";
import { ReviewPanel, type ReviewParts } from "./reviewPanel.ts";
import { type ReviewHost, ReviewSession } from "./reviewSession.ts";

/** The panels with duplicates and with suspicious labels: one of each, which lists what was asked for last. */
export class ReviewPanels implements vscode.Disposable {
  readonly #parts: ReviewParts;
  readonly #panels = new OpenPanels<ReviewPanel>();

  readonly #disposables: vscode.Disposable[];

  constructor(parts: ReviewParts) {
    this.#parts = parts;
    this.#disposables = [
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        for (const { session } of this.#panels.all) void session.start();
      }),
      parts.runs.onStatus((status) => {
        for (const { session } of this.#panels.all) session.reportIndex(status);
      }),
    ];
  }

  get current(): ReviewPanel | undefined {
    return this.#panels.current;
  }

  show(saved: SavedReview): void {
    const open = this.#of(saved.kind);
    if (open === undefined) {
      const { Active } = vscode.ViewColumn;
      this.#adopt(vscode.window.createWebviewPanel(REVIEW_VIEW, "", Active, { enableScripts: true }), saved);
    } else {
      open.show(saved);
      cameTo(open.webviewPanel);
      open.webviewPanel.reveal(undefined, false);
    }
  }

  /** Lists those of a folder again: files of it have come back. */
  renew(folder: string): void {
    for (const { session } of this.#panels.all) if (session.saved.folder === folder) void session.start();
  }

  /** Takes over a panel that VS Code kept over a reload of the window. */
  async restore(webviewPanel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const parsed = v.safeParse(SavedReviewSchema, saved);
    if (parsed.success) this.#adopt(webviewPanel, parsed.output);
    else webviewPanel.dispose();
  }

  report(progress: EngineNotifications["query/progress"]): void {
    for (const { session } of this.#panels.all) session.report(progress);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#panels.dispose();
  }

  #adopt(webviewPanel: vscode.WebviewPanel, saved: SavedReview): void {
    this.#of(saved.kind)?.webviewPanel.dispose();
    const newSession = (asked: SavedReview, changed: ReviewHost["changed"]) => this.#newSession(asked, changed);
    this.#panels.add(new ReviewPanel(webviewPanel, saved, this.#parts, { newSession }));
  }

  #of(kind: ReviewKind): ReviewPanel | undefined {
    return this.#panels.all.find(({ session }) => session.kind === kind);
  }

  #newSession(saved: SavedReview, changed: ReviewHost["changed"]): ReviewSession {
    const { engine, runs, log, tables } = this.#parts;
    const t = vscode.l10n.t;
    const name = basename(saved.folder);
    /** A request that ends when the signal does. */
    const ask = <M extends "folder/duplicates" | "folder/labels">(
      method: M,
      folder: string,
      run: number,
      signal: AbortSignal,
      labels: { readonly labels?: string; readonly column?: string } = {},
    ): Promise<EngineRequests[M]["result"]> =>
      untilAborted(signal, (token) => engine.request(method, { folder, run, ...labels, ...indexSettings() }, token));
    return new ReviewSession(
      {
        status: (folder) => showFolderStatus(this.#parts, folder),
        index: (folder) => runs.run(folder),
        duplicates: (folder, run, signal) => ask("folder/duplicates", folder, run, signal),
        async labels(folder, from, run, signal) {
          if (from !== null) await tables.check([folder], from.file);
          const labels = from === null ? {} : { labels: from.file, column: from.column };
          return ask("folder/labels", folder, run, signal, labels);
        },
        tables: (folder) => tables.of(folder),
        mayIndex: () => vscode.workspace.isTrusted,
        isCancellation,
        failureText: (error) => loggedFailure(log, error),
        wantsPassword,
        texts: {
          indexing: t("Bringing the index of {0} up to date", name),
          untrusted: t("{0} is not indexed, and this workspace is not trusted. Trust the workspace to index it.", name),
          adapting: t("Adapting the model to {0}", name),
          noImages: t("{0} holds no images that can be indexed.", name),
          stopped: t("Stopped. Nothing was looked through to the end."),
          step: (step) => {
            if (step === "reading") return t("Reading the index");
            return step === "comparing" ? t("Comparing all images") : t("Checking pictures that look the same");
          },
        },
        changed,
      },
      saved,
    );
  }
}

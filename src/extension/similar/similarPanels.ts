import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as v from "valibot";
import * as vscode from "vscode";
import type { EngineClient } from "../engine/engineClient.ts";
import { failureText, isCancellation } from "../failures.ts";
import { SIMILAR_VIEW } from "../ids.ts";
import type { IndexRuns } from "../indexRuns.ts";
import { indexSettings, similarCount } from "../settings.ts";
import type { StatusBar } from "../statusBar.ts";
import { ComparisonSession } from "./comparisonSession.ts";
import { SavedPanelSchema } from "./pageMessages.ts";
import { SimilarPanel } from "./similarPanel.ts";
import { type Session, type SessionHost, SimilarSession } from "./similarSession.ts";

export interface SimilarParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
  readonly runs: IndexRuns;
  readonly status: StatusBar;
}

/** Time in which a second click makes a double click. Milliseconds. */
const DOUBLE_CLICK = 300;

/** The similar panel of this window: one, which shows the last query. */
export class SimilarPanels implements vscode.Disposable {
  readonly #parts: SimilarParts;
  readonly #disposables: vscode.Disposable[];
  #panel: SimilarPanel | undefined;
  /** Number of the latest image that was to be opened. */
  #opening = 0;

  constructor(parts: SimilarParts) {
    this.#parts = parts;
    this.#disposables = [
      parts.runs.onStatus((status) => this.#panel?.session.report(status)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#panel?.restart()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("lookalike")) this.#panel?.restart();
      }),
    ];
  }

  /** The open panel. */
  get current(): SimilarPanel | undefined {
    return this.#panel;
  }

  /** Searches in the open panel, or in a new one beside the active editor. */
  async show(folder: string, image: string): Promise<void> {
    if (this.#panel === undefined) {
      const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false };
      this.#adopt(vscode.window.createWebviewPanel(SIMILAR_VIEW, "", column, { enableScripts: true }), folder, image);
    } else {
      this.#panel.query(folder, image);
      this.#panel.webviewPanel.reveal(undefined, false);
    }
  }

  /** Other models are there, or in use: asks again, of the one that is chosen. */
  modelsChanged(): void {
    this.#panel?.compare([]);
  }

  /** Shows the query of the panel under each of several installed models. */
  compare(models: readonly string[]): void {
    this.#panel?.compare(models);
  }

  /** Takes over a panel that VS Code kept over a reload of the window. */
  async restore(webviewPanel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const parsed = v.safeParse(SavedPanelSchema, saved);
    if (parsed.success) this.#adopt(webviewPanel, parsed.output.folder, parsed.output.image);
    else webviewPanel.dispose();
  }

  /** The file behind a path that the page shows. @throws where there is no panel, or the path leads out of its folder */
  resolveItem(path: string): vscode.Uri {
    const file = this.#panel?.session.resolve(path);
    if (file === undefined) throw new Error(vscode.l10n.t("{0} is not in the indexed folder.", path));
    return vscode.Uri.file(file);
  }

  /** Opens an image of the panel beside it. */
  async open(path: string, mode: "preview" | "keep"): Promise<void> {
    const image = this.resolveItem(path);
    const opening = ++this.#opening;
    if (mode === "preview" && vscode.window.tabGroups.all.length === 1) {
      // A second column moves the lists, and must not do so between the clicks of a double click.
      await setTimeout(DOUBLE_CLICK);
      if (opening !== this.#opening) return;
    }
    const { One, Two } = vscode.ViewColumn;
    await vscode.commands.executeCommand("vscode.open", image, {
      // Never over the panel, whichever column is active.
      viewColumn: this.#panel?.webviewPanel.viewColumn === One ? Two : One,
      preview: mode === "preview",
      preserveFocus: mode === "preview",
    } satisfies vscode.TextDocumentShowOptions);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#panel?.webviewPanel.dispose();
  }

  #adopt(webviewPanel: vscode.WebviewPanel, folder: string, image: string): void {
    this.#panel?.webviewPanel.dispose();
    const panel = new SimilarPanel(webviewPanel, this.#parts, {
      newSession: (root, file, models, changed) => this.#newSession(root, file, models, changed),
      open: (path, mode) => this.open(path, mode),
    });
    this.#panel = panel;
    webviewPanel.onDidDispose(() => {
      panel.dispose();
      if (this.#panel === panel) this.#panel = undefined;
    });
    panel.query(folder, image);
  }

  #newSession(folder: string, image: string, models: readonly string[], changed: SessionHost["changed"]): Session {
    const { engine, runs, status, log } = this.#parts;
    const t = vscode.l10n.t;
    const host: SessionHost = {
      async status(path, model) {
        const state = await engine.request("folder/status", { folder: path, ...named(model), ...indexSettings() });
        status.show(state);
        return state;
      },
      similar: (path, file, k, model) =>
        engine.request("image/similar", {
          folder: path,
          examples: [{ image: file, sign: 1 }],
          k,
          ...named(model),
          ...indexSettings(),
        }),
      index: (path, model) => runs.run(path, false, model),
      mayIndex: () => vscode.workspace.isTrusted,
      isCancellation,
      failureText(error) {
        log.error(error instanceof Error ? error : String(error));
        return failureText(error);
      },
      texts: {
        untrusted: t(
          "{0} is not indexed, and this workspace is not trusted. Trust the workspace to index it.",
          basename(folder),
        ),
        noImages: t("{0} holds no images that can be indexed.", basename(folder)),
        cancelled: t("Indexing was cancelled. What was indexed so far can be found."),
        comparing: (model) => t("The folder is being indexed with {0}.", model),
      },
      changed,
      now: () => performance.now(),
    };
    return models.length === 0
      ? new SimilarSession(host, folder, image, similarCount())
      : new ComparisonSession(host, folder, image, models, similarCount());
  }
}

function named(model: string | undefined): { model?: string } {
  return model === undefined ? {} : { model };
}

import { basename } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import type { EngineNotifications, EvaluationProgress, SavedEvaluation } from "../../shared/index.ts";
import { untilAborted } from "../engine/untilAborted.ts";
import { isCancellation, loggedFailure, wantsPassword } from "../failures.ts";
import { showFolderStatus } from "../folderStatus.ts";
import { EVALUATION_VIEW } from "../ids.ts";
import { cameTo } from "../pages/cameFrom.ts";
import { OpenPanels } from "../pages/openPanels.ts";
import { requireRoot } from "../roots.ts";
import { fileFilter, indexSettings } from "../settings.ts";
import { EvaluationPanel, type EvaluationParts } from "./evaluationPanel.ts";
import { type EvaluationHost, EvaluationSession } from "./evaluationSession.ts";
import { EvaluatedModels, SavedEvaluationSchema } from "./pageMessages.ts";

/** The panel with the report on a folder's retrieval: one, which shows what was asked for last. */
export class EvaluationPanels implements vscode.Disposable {
  readonly #parts: EvaluationParts;
  readonly #panels = new OpenPanels<EvaluationPanel>();

  readonly #disposables: vscode.Disposable[];

  constructor(parts: EvaluationParts) {
    this.#parts = parts;
    this.#disposables = [
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.#panels.current?.session.start()),
      parts.runs.onStatus((status) => this.#panels.current?.session.reportIndex(status)),
    ];
  }

  /** Evaluates the folder that was clicked, else the workspace folder. @param models names of installed ones; else the one in use */
  async open(uri: unknown, models: unknown = []): Promise<void> {
    const clicked = uri instanceof vscode.Uri ? uri : undefined;
    const folder = await requireRoot(clicked);
    const { tables } = this.#parts;
    const [labels, boxes] = [tables.labels(folder), tables.boxes(folder)];
    this.show({
      folder,
      labels,
      protocol: null,
      dataset: null,
      boxes,
      models: v.is(EvaluatedModels, models) ? models : [],
    });
  }

  show(saved: SavedEvaluation): void {
    const { current } = this.#panels;
    if (current === undefined) {
      const { Active } = vscode.ViewColumn;
      this.#adopt(vscode.window.createWebviewPanel(EVALUATION_VIEW, "", Active, { enableScripts: true }), saved);
    } else {
      current.show(saved);
      cameTo(current.webviewPanel);
      current.webviewPanel.reveal(undefined, false);
    }
  }

  /** Takes over a panel that VS Code kept over a reload of the window. */
  async restore(webviewPanel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const parsed = v.safeParse(SavedEvaluationSchema, saved);
    if (parsed.success) this.#adopt(webviewPanel, parsed.output);
    else webviewPanel.dispose();
  }

  report(progress: EngineNotifications["evaluation/progress"]): void {
    this.#panels.current?.session.report(progress);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#panels.dispose();
  }

  #adopt(webviewPanel: vscode.WebviewPanel, saved: SavedEvaluation): void {
    this.#panels.close();
    const newSession = (asked: SavedEvaluation, changed: EvaluationHost["changed"]) => this.#newSession(asked, changed);
    this.#panels.add(new EvaluationPanel(webviewPanel, saved, this.#parts, { newSession }));
  }

  #newSession(saved: SavedEvaluation, changed: EvaluationHost["changed"]): EvaluationSession {
    const { engine, runs, log, tables } = this.#parts;
    const t = vscode.l10n.t;
    const name = basename(saved.folder);
    return new EvaluationSession(
      {
        status: (folder) => showFolderStatus(this.#parts, folder),
        index: (folder) => runs.run(folder),
        async evaluate(asked, signal) {
          if (asked.labels !== null) await tables.check([asked.folder], asked.labels.file);
          tables.checkBoxes(asked.folder, asked.boxes);
          const params = { ...indexSettings(), filter: fileFilter(asked.folder), ...asked };
          return untilAborted(signal, (token) => engine.request("folder/evaluate", params, token));
        },
        tables: (folder) => tables.of(folder),
        async models(folder) {
          const installed = await engine.request("models/list", { folder });
          return installed.filter(({ selected, problem }) => !selected && problem === null).map((model) => model.name);
        },
        mayIndex: () => vscode.workspace.isTrusted,
        isCancellation,
        failureText: (error) => loggedFailure(log, error),
        wantsPassword,
        texts: {
          indexing: t("Bringing the index of {0} up to date", name),
          untrusted: t("{0} is not indexed, and this workspace is not trusted. Trust the workspace to index it.", name),
          adapting: t("Adapting the model to {0}", name),
          noImages: t("{0} holds no images that can be indexed.", name),
          stopped: t("Stopped. What was embedded is kept."),
          step: stepText,
        },
        changed,
      },
      saved,
    );
  }
}

function stepText({ step, model }: EvaluationProgress): string {
  const t = vscode.l10n.t;
  if (step === "copies") return t("Looking for copies");
  if (step === "embedding") return t("Embedding with {0}", model ?? "");
  return t("Ranking all images with {0}", model ?? "");
}

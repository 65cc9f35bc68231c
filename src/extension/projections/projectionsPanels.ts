import { basename } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import {
  DEFAULT_PROJECTION,
  type EngineNotifications,
  type ProjectedModel,
  type ProjectionParameters,
  type SelectionAction,
} from "../../shared/index.ts";
import { untilAborted } from "../engine/untilAborted.ts";
import { isCancellation, loggedFailure, wantsPassword } from "../failures.ts";
import { folderStatus, showFolderStatus } from "../folderStatus.ts";
import { PROJECTIONS_VIEW } from "../ids.ts";
import { cameTo } from "../pages/cameFrom.ts";
import { OpenPanels } from "../pages/openPanels.ts";
import { indexSettings } from "../settings.ts";
import type { SimilarPanels } from "../similar/similarPanels.ts";
import { SavedProjectionsSchema } from "./pageMessages.ts";
import { ProjectionsPanel, type ProjectionsParts, type ToPage } from "./projectionsPanel.ts";
import { ProjectionsSession } from "./projectionsSession.ts";
import { WindowLinks } from "./windowLinks.ts";

/** The projections panel of this window: one, which shows the folder that was asked for last. */
export class ProjectionsPanels implements vscode.Disposable {
  readonly #parts: ProjectionsParts;
  readonly #disposables: vscode.Disposable[];
  readonly #panels = new OpenPanels<ProjectionsPanel>();

  constructor({ similar, ...parts }: Omit<ProjectionsParts, "links"> & { readonly similar: SimilarPanels }) {
    const links = new WindowLinks(similar);
    this.#parts = { ...parts, links };
    this.#disposables = [
      links,
      links.onChange(() => this.#panels.current?.highlight()),
      parts.runs.onStatus((status) => this.#panels.current?.session.report(status)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restart()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("lookalike")) this.restart();
      }),
    ];
  }

  /**
   * Shows maps in the open panel, or in a new one.
   * @param folder absolute path of the indexed folder
   * @param under the part of it to show, relative with `/`; empty is all
   * @param models two to compare; the descriptors of the model in use where absent
   */
  show(folder: string, under: string, models?: readonly ProjectedModel[]): void {
    const parameters = { ...DEFAULT_PROJECTION, under, ...(models === undefined ? {} : { models }) };
    const { current } = this.#panels;
    if (current === undefined) {
      const webviewPanel = vscode.window.createWebviewPanel(PROJECTIONS_VIEW, "", vscode.ViewColumn.Active, {
        enableScripts: true,
      });
      this.#adopt(webviewPanel, folder, parameters);
    } else {
      current.show(folder, parameters);
      cameTo(current.webviewPanel);
      current.webviewPanel.reveal(undefined, false);
    }
  }

  /** Makes the maps again: another model is in use. */
  restart(): void {
    this.#panels.current?.restart();
  }

  /** Does something with what is selected in the panel. */
  menu(action: SelectionAction): void {
    this.#panels.current?.menu(action);
  }

  /** Takes over a panel that VS Code kept over a reload of the window. */
  async restore(webviewPanel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const parsed = v.safeParse(SavedProjectionsSchema, saved);
    if (!parsed.success) {
      webviewPanel.dispose();
      return;
    }
    const { folder, under, parameters = DEFAULT_PROJECTION } = parsed.output;
    this.#adopt(webviewPanel, folder, { ...parameters, under });
  }

  /** To be called with each notification of the engine; those of other kinds are left alone. */
  report<M extends keyof EngineNotifications>(method: M, params: EngineNotifications[M]): void {
    const session = this.#panels.current?.session;
    if (session === undefined || !("run" in params)) return;
    if (method === "projection/images" && "paths" in params) session.reportImages(params);
    if (method === "projection/layout" && "points" in params) session.reportLayout(params);
    if (method === "projection/progress" && "phase" in params) session.reportProgress(params);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#panels.dispose();
  }

  #adopt(webviewPanel: vscode.WebviewPanel, folder: string, parameters: ProjectionParameters): void {
    this.#panels.close();
    const panel = new ProjectionsPanel(webviewPanel, this.#parts, {
      newSession: (root, asked, page) => this.#newSession(root, asked, page),
    });
    this.#panels.add(panel);
    panel.show(folder, parameters);
  }

  #newSession(root: string, asked: ProjectionParameters, page: ToPage): ProjectionsSession {
    const { engine, runs, log } = this.#parts;
    const t = vscode.l10n.t;
    const name = basename(root);
    return new ProjectionsSession(
      {
        status: (folder, model) =>
          model === undefined ? showFolderStatus(this.#parts, folder) : folderStatus(engine, folder, model),
        index: (folder, { model, adapt }: Partial<ProjectedModel> = {}) =>
          runs.run(folder, false, model, adapt === undefined ? {} : { adapt }),
        cancelIndexing: (folder) => runs.cancel(folder),
        project: (folder, run, parameters, signal) =>
          untilAborted(signal, (token) =>
            engine.request("projection/run", { folder, run, parameters, ...indexSettings() }, token),
          ),
        neighbours: (folder, parameters, path, k) =>
          engine.request("projection/neighbours", { folder, parameters, path, k, ...indexSettings() }),
        column: (folder, parameters, column) =>
          engine.request("projection/column", { folder, parameters, column, ...indexSettings() }),
        mayIndex: () => vscode.workspace.isTrusted,
        isEmpty: (folder) => runs.isEmpty(folder),
        isCancellation,
        failureText: (error) => loggedFailure(log, error),
        wantsPassword,
        texts: {
          notIndexed: t("{0} is not indexed yet. Index it to see how each descriptor lays out its images.", name),
          untrusted: t("{0} is not indexed, and this workspace is not trusted. Trust the workspace to index it.", name),
          noImages: t("{0} holds no images that can be indexed.", name),
          stopped: t("Stopped. These maps are not finished."),
          indexChanged: t("The index has changed since these maps were made."),
          notYet: t("The maps are not finished yet."),
          tooFew: (images) =>
            images === 1
              ? t("Only one image is indexed here, and maps need at least three. Add images, then index the folder.")
              : t(
                  "Only {0} images are indexed here, and maps need at least three. Add images, then index the folder.",
                  images,
                ),
        },
        ...page,
      },
      root,
      asked,
    );
  }
}

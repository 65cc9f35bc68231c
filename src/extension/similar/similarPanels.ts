import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import * as vscode from "vscode";
import { COMBINED, type SimilarQuery, type SimilarResult } from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { isCancellation, loggedFailure } from "../failures.ts";
import { folderStatus, showFolderStatus } from "../folderStatus.ts";
import { SIMILAR_VIEW } from "../ids.ts";
import type { ImageTables } from "../imageTables.ts";
import type { IndexRuns } from "../indexRuns.ts";
import { openBeside } from "../pages/openBeside.ts";
import { fileFolders } from "../roots.ts";
import { indexSettings, similarCount } from "../settings.ts";
import type { StatusBar } from "../statusBar.ts";
import { type AcrossHost, AcrossSession } from "./acrossSession.ts";
import { ComparisonSession } from "./comparisonSession.ts";
import { keepLabels, labelsByFolder, labelsHost } from "./labelsHost.ts";
import { SavedQuerySchema } from "./pageMessages.ts";
import type { PastedImages } from "./pastedImages.ts";
import { type PanelQuery, plainQuery, withExamples } from "./query.ts";
import type { SavedQueries } from "./savedQueries.ts";
import { SearchedRoots } from "./searchedRoots.ts";
import { SimilarPanel } from "./similarPanel.ts";
import { type Session, SimilarSession } from "./similarSession.ts";

/** The first pictures of a result are there by then, and the files of the folder can be looked through. Milliseconds. */
const UPDATE_AFTER = 1_000;

export interface SimilarParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
  readonly runs: IndexRuns;
  readonly status: StatusBar;
  readonly pasted: PastedImages;
  readonly queries: SavedQueries;
  readonly tables: ImageTables;
}

/** What the similar panel found last, for whoever shows the same images in another way. */
export interface ShownQuery {
  /** Absolute paths. */
  readonly folder: string;
  readonly image: string;
  /** Relative to the folder, in the order of combined. */
  readonly results: readonly string[];
}

/** The similar panels of this window: one that shows the last query, and those that are pinned. */
export class SimilarPanels implements vscode.Disposable {
  readonly #parts: SimilarParts;
  readonly #disposables: vscode.Disposable[];
  /** Folders in which something was found in this window: the next query need not ask before whether it can be answered. */
  readonly #indexed = new Set<string>();
  /** The one that was looked at last is the last. */
  #panels: readonly SimilarPanel[] = [];
  readonly #shown = new vscode.EventEmitter<ShownQuery | undefined>();
  /** A panel has found something, or the last one was closed. */
  readonly onShown = this.#shown.event;

  constructor(parts: SimilarParts) {
    this.#parts = parts;
    const all = (act: (panel: SimilarPanel) => void) => {
      for (const panel of this.#panels) act(panel);
    };
    this.#disposables = [
      this.#shown,
      parts.runs.onStatus((status) => all((panel) => panel.session.report(status))),
      vscode.workspace.onDidChangeWorkspaceFolders(() => all((panel) => panel.rootsChanged())),
      vscode.workspace.onDidGrantWorkspaceTrust(() => all((panel) => panel.restart())),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("lookalike")) all((panel) => panel.restart());
      }),
    ];
  }

  /** The panel that was looked at last. */
  get current(): SimilarPanel | undefined {
    return this.#panels.at(-1);
  }

  /** Searches in the open panel, or in a new one beside the active editor. */
  async show(folder: string, ...images: readonly string[]): Promise<void> {
    this.showQuery(folder, plainQuery(images, this.#parts.tables.labels(folder)));
  }

  showQuery(folder: string, query: PanelQuery): void {
    const free = this.#panels.findLast(({ pinned }) => !pinned);
    if (free === undefined) {
      const column = { viewColumn: this.current?.webviewPanel.viewColumn ?? vscode.ViewColumn.Beside };
      this.#adopt(
        vscode.window.createWebviewPanel(
          SIMILAR_VIEW,
          "",
          { ...column, preserveFocus: false },
          { enableScripts: true },
        ),
        folder,
        query,
      );
    } else {
      free.query(folder, query);
      free.reveal();
    }
  }

  /** Adds images of the panel to its query. */
  async addExample(path: string, sign: 1 | -1): Promise<void> {
    const image = this.resolveItem(path).fsPath;
    await this.current?.ask(withExamples(this.current.session.query, [image], sign));
  }

  /** Lets the user choose a saved query and shows it. */
  async openQuery(): Promise<void> {
    const saved = await this.#parts.queries.pick();
    if (saved !== undefined) this.showQuery(saved.folder, saved);
  }

  /** Other models are there, or in use: asks again, of the one that is chosen. */
  modelsChanged(): void {
    this.#indexed.clear();
    for (const panel of this.#panels) panel.compare([]);
  }

  /** Shows the query of the panel under each of several installed models. */
  compare(models: readonly string[]): void {
    this.current?.compare(models);
  }

  /** Takes over a panel that VS Code kept over a reload of the window. */
  async restore(webviewPanel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const parsed = v.safeParse(SavedQuerySchema, saved);
    if (!parsed.success) return webviewPanel.dispose();
    const { folder, pinned, ...query } = parsed.output;
    this.#adopt(webviewPanel, folder, query).pin(pinned);
  }

  /** The file behind a path that the page shows. @throws where there is no panel, or the path leads out of its folder */
  resolveItem(path: string): vscode.Uri {
    const file = this.current?.session.resolve(path);
    if (file === undefined) throw new Error(vscode.l10n.t("{0} is not in the indexed folder.", path));
    return vscode.Uri.file(file);
  }

  /** Opens an image of the current panel beside it. */
  async open(path: string, mode: "preview" | "keep"): Promise<void> {
    if (this.current !== undefined) await this.#open(this.current, path, mode);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    for (const panel of this.#panels) panel.webviewPanel.dispose();
  }

  async #open(panel: SimilarPanel, path: string, mode: "preview" | "keep"): Promise<void> {
    const file = panel.session.resolve(path);
    if (file === undefined) throw new Error(vscode.l10n.t("{0} is not in the indexed folder.", path));
    const preview = mode === "preview";
    await openBeside(panel.webviewPanel, vscode.Uri.file(file), { preview, preserveFocus: preview });
  }

  #adopt(webviewPanel: vscode.WebviewPanel, folder: string, query: PanelQuery): SimilarPanel {
    const panel = new SimilarPanel(webviewPanel, this.#parts, {
      newSession: (...asked) => this.#newSession(...asked),
      roots: openRoots,
      open: (own, path, mode) => this.#open(own, path, mode),
      labelsHost: (own, changed) => labelsHost(own, this.#parts, changed),
      labelsChosen: (session, labels) => void keepLabels(session, labels, this.#parts.tables),
    });
    this.#panels = [...this.#panels, panel];
    webviewPanel.onDidDispose(() => {
      panel.dispose();
      this.#panels = this.#panels.filter((each) => each !== panel);
      if (this.#panels.length === 0) this.#shown.fire(undefined);
    });
    webviewPanel.onDidChangeViewState(() => {
      if (webviewPanel.active) this.#panels = [...this.#panels.filter((each) => each !== panel), panel];
    });
    panel.query(folder, query);
    return panel;
  }

  /** A kept query may name a table that was never offered in this window. @throws for such a one */
  async #checkFilter(folders: readonly string[], { only, labels }: Omit<SimilarQuery, "k">): Promise<void> {
    if (only?.labels !== undefined && labels != null) await this.#parts.tables.check(folders, labels.file);
  }

  #newSession(
    folder: string,
    query: PanelQuery,
    models: readonly string[],
    changed: AcrossHost["changed"],
    before: SimilarResult | null,
  ): Session {
    const { engine, runs, status, log, tables } = this.#parts;
    const t = vscode.l10n.t;
    const host: AcrossHost = {
      status: (path, model) =>
        path === folder ? showFolderStatus({ engine, status }, path, model) : folderStatus(engine, path, model),
      isIndexed: (path) => this.#indexed.has(path),
      // A run that is under way is joined at once: what becomes of it is told.
      rest: () => (runs.isRunning(folder) ? Promise.resolve() : sleep(UPDATE_AFTER)),
      similar: async (path, asked, model) => {
        await this.#checkFilter([path], asked);
        return engine.request("image/similar", { folder: path, ...asked, ...named(model), ...indexSettings() });
      },
      similarAcross: async (folders, names, { labels: from = null, ...asked }) => {
        await this.#checkFilter(folders, { ...asked, labels: from });
        const labels = from === null ? {} : { labels: await labelsByFolder(folders, from, tables) };
        return engine.request("image/similarAcross", { folders, names, ...labels, ...asked, ...indexSettings() });
      },
      index: (path, model) => runs.run(path, false, model),
      mayIndex: () => vscode.workspace.isTrusted,
      isCancellation,
      failureText: (error) => loggedFailure(log, error),
      texts: {
        untrusted: t(
          "{0} is not indexed, and this workspace is not trusted. Trust the workspace to index it.",
          basename(folder),
        ),
        noImages: t("{0} holds no images that can be indexed.", basename(folder)),
        cancelled: t("Indexing was cancelled. What was indexed so far can be found."),
        missing: (names) => t("Not indexed yet, and so not searched: {0}.", names.join(", ")),
        comparing: (model) => t("The folder is being indexed with {0}.", model),
        weightsDropped: (branches, model) =>
          t("{0} has no descriptor {1}: its weight was dropped.", model, branches.join(", ")),
      },
      changed: (state) => {
        if (state.result !== null && state.folder.indexed > 0) this.#indexed.add(folder);
        else if (state.model !== null && state.folder.indexed === 0) this.#indexed.delete(folder);
        changed(state);
        const combined = state.result?.results[COMBINED];
        if (combined !== undefined)
          this.#shown.fire({
            folder,
            image: query.examples[0]!.image,
            results: combined.flatMap(({ path: found }) => {
              const own = session.split(found);
              return own.folder === folder ? [own.path] : [];
            }),
          });
      },
      now: () => performance.now(),
      took: (milliseconds) => log.debug(`Searched ${folder} in ${milliseconds.toFixed(1)} ms`),
    };
    const count = similarCount();
    const roots = openRoots();
    let session: Session;
    if (models.length > 0) session = new ComparisonSession(host, folder, query, models, count);
    else if (query.across && roots.folders.length > 1) session = new AcrossSession(host, folder, roots, query, count);
    else session = new SimilarSession(host, folder, query, count, before);
    return session;
  }
}

/** The folders of the window on this machine. */
function openRoots(): SearchedRoots {
  return new SearchedRoots(fileFolders().map(({ uri }) => uri.fsPath));
}

function named(model: string | undefined): { model?: string } {
  return model === undefined ? {} : { model };
}

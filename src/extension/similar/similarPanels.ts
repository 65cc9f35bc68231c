import { join, sep } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import { COMBINED, type SimilarState } from "../../shared/index.ts";
import { failureText } from "../failures.ts";
import { SIMILAR_VIEW } from "../ids.ts";
import { openBeside } from "../pages/openBeside.ts";
import { OpenPanels } from "../pages/openPanels.ts";
import { indexSettings } from "../settings.ts";
import type { ComparedChoice } from "./comparedChoice.ts";
import { FollowedImages } from "./followedImages.ts";
import { keepLabels, labelsHost } from "./labelsHost.ts";
import { newSession, openRoots } from "./newSession.ts";
import { SavedHistorySchema, SavedQuerySchema } from "./pageMessages.ts";
import { panelRequests } from "./panelRequests.ts";
import type { SimilarParts } from "./parts.ts";
import { type PanelQuery, plainQuery, withExamples } from "./query.ts";
import type { Session } from "./session.ts";
import { SimilarPanel } from "./similarPanel.ts";

/** What the similar panel found last, for whoever shows the same images in another way. */
export interface ShownQuery {
  /** Absolute paths. */
  readonly folder: string;
  /** null of words alone. */
  readonly image: string | null;
  /** Relative to the folder, in the order of combined. */
  readonly results: readonly string[];
}

/** The similar panels of this window: one that shows the last query, and those that are pinned. */
export class SimilarPanels implements vscode.Disposable {
  readonly #parts: SimilarParts;
  readonly #disposables: vscode.Disposable[];
  /** Folders in which something was found in this window: the next query need not ask before whether it can be answered. */
  readonly #indexed = new Set<string>();
  readonly #panels = new OpenPanels<SimilarPanel>(() => {
    if (this.#panels.all.length === 0) this.#shown.fire(undefined);
  });
  readonly #followed = new FollowedImages(async (folder, hash) => {
    const path = await this.#parts.engine.request("image/withContent", { folder, hash, ...indexSettings() });
    return path === null ? undefined : join(folder, path);
  });
  readonly #shown = new vscode.EventEmitter<ShownQuery | undefined>();
  /** A panel has found something, or the last one was closed. */
  readonly onShown = this.#shown.event;

  constructor(parts: SimilarParts) {
    this.#parts = parts;
    const all = (act: (panel: SimilarPanel) => void) => {
      for (const panel of this.#panels.all) act(panel);
    };
    this.#disposables = [
      this.#shown,
      parts.runs.onStatus((status) => {
        all((panel) => panel.session.report(status));
        // What was moved is known once the files were looked through.
        if (status.progress === null) this.#follow((panel) => panel.session.folders.includes(status.folder));
      }),
      vscode.workspace.onDidRenameFiles(({ files }) => {
        for (const { oldUri, newUri } of files) this.#renamed(oldUri.fsPath, newUri.fsPath);
      }),
      vscode.workspace.onDidDeleteFiles(() => this.#follow()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => all((panel) => panel.rootsChanged())),
      vscode.workspace.onDidGrantWorkspaceTrust(() => all((panel) => panel.restart())),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("lookalike")) all((panel) => panel.restart());
      }),
    ];
  }

  /** The panel that was looked at last. */
  get current(): SimilarPanel | undefined {
    return this.#panels.current;
  }

  /** Searches in the open panel, or in a new one beside the active editor. */
  async show(folder: string, ...images: readonly string[]): Promise<void> {
    this.showQuery(folder, plainQuery(images, this.#parts.tables.labels(folder)));
  }

  showQuery(folder: string, query: PanelQuery): void {
    const free = this.#panels.all.findLast(({ pinned }) => !pinned);
    if (free === undefined) {
      const column = { viewColumn: this.current?.webviewPanel.viewColumn ?? vscode.ViewColumn.Beside };
      this.#adopt(
        vscode.window.createWebviewPanel(
          SIMILAR_VIEW,
          "",
          { ...column, preserveFocus: false },
          { enableScripts: true },
        ),
      ).query(folder, query);
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
    for (const panel of this.#panels.all) panel.compare([]);
  }

  /** Shows the query of the panel under each of several models. */
  compare(models: readonly ComparedChoice[]): void {
    this.current?.compare(models);
  }

  /** Takes over a panel that VS Code kept over a reload of the window. */
  async restore(webviewPanel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const parsed = v.safeParse(SavedQuerySchema, saved);
    if (!parsed.success) return webviewPanel.dispose();
    const { folder, pinned, ...query } = parsed.output;
    const kept = v.safeParse(SavedHistorySchema, saved);
    this.#adopt(webviewPanel).restore(folder, query, kept.success ? kept.output.history : undefined, pinned);
  }

  /** The file behind a path that the page shows. @throws where there is no panel, or the path leads out of its folder */
  resolveItem(path: string): vscode.Uri {
    const file = this.current?.resolve(path);
    if (file === undefined) throw new Error(vscode.l10n.t("{0} is not in the indexed folder.", path));
    return vscode.Uri.file(file);
  }

  /** Opens an image of the current panel beside it. */
  async open(path: string, mode: "preview" | "keep"): Promise<void> {
    if (this.current !== undefined) await this.#open(this.current, path, mode);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#panels.dispose();
  }

  async #open(panel: SimilarPanel, path: string, mode: "preview" | "keep"): Promise<void> {
    const file = panel.resolve(path);
    if (file === undefined) throw new Error(vscode.l10n.t("{0} is not in the indexed folder.", path));
    const preview = mode === "preview";
    await openBeside(panel.webviewPanel, vscode.Uri.file(file), { preview, preserveFocus: preview });
  }

  #adopt(webviewPanel: vscode.WebviewPanel): SimilarPanel {
    const panel = new SimilarPanel(webviewPanel, this.#parts.context.extensionUri, {
      newSession: (asked, changed) =>
        newSession(this.#parts, asked, {
          isIndexed: (path) => this.#indexed.has(path),
          changed: (state, session) => {
            this.#know(asked.folder, state);
            this.#followed.remember(session.query.examples.map(({ image }) => image));
            changed();
            this.#tell(session);
          },
        }),
      roots: openRoots,
      requests: (own) => panelRequests(own, this.#parts, (path, mode) => this.#open(own, path, mode)),
      labelsHost: (own, changed) => labelsHost(own, this.#parts, changed),
      labelsChosen: (session, labels) => void keepLabels(session, labels, this.#parts.tables),
    });
    this.#panels.add(panel);
    return panel;
  }

  /** Looks where the images of the queries are by now. */
  #follow(of: (panel: SimilarPanel) => boolean = () => true): void {
    for (const panel of this.#panels.all.filter(of)) {
      const { folder, query } = panel.session;
      const images = query.examples.map(({ image }) => image);
      this.#followed
        .look(folder, images)
        .then((where) => panel.follow(where))
        .catch((error: unknown) =>
          this.#parts.log.warn(`The query's files could not be looked for: ${failureText(error)}`),
        );
    }
  }

  /** A file, or a folder with files of queries, was renamed in VS Code. */
  #renamed(before: string, now: string): void {
    for (const panel of this.#panels.all) {
      const images = panel.session.query.examples.map(({ image }) => image);
      const moved = images.flatMap((image): [string, string][] => {
        if (image === before) return [[image, now]];
        return image.startsWith(before + sep) ? [[image, now + image.slice(before.length)]] : [];
      });
      if (moved.length > 0) void panel.follow({ moved: new Map(moved), gone: [] });
    }
  }

  #know(folder: string, { result, folder: { indexed }, model }: SimilarState): void {
    if (result !== null && indexed > 0) this.#indexed.add(folder);
    else if (model !== null && indexed === 0) this.#indexed.delete(folder);
  }

  /** What a session found, for whoever shows the same images in another way. */
  #tell(session: Session): void {
    const { folder, query, state } = session;
    const combined = state.result?.results[COMBINED];
    if (combined === undefined) return;
    const results = combined.flatMap(({ path }) => {
      const own = session.split(path);
      return own.folder === folder ? [own.path] : [];
    });
    this.#shown.fire({ folder, image: query.examples[0]?.image ?? null, results });
  }
}

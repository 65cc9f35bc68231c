import { basename } from "node:path";
import * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc/node";
import type {
  Handlers,
  ProjectionLayout,
  ProjectionParameters,
  ProjectionsAction,
  ProjectionsNotifications,
  ProjectionsRequests,
  SelectionAction,
} from "../../shared/index.ts";
import { enterPassword } from "../databasePassword.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { offeringLog } from "../failures.ts";
import type { ImageTables } from "../imageTables.ts";
import type { IndexRuns } from "../indexRuns.ts";
import { checkedHandlers } from "../pages/checked.ts";
import { openPage } from "../pages/openPage.ts";
import { pageThumbnail } from "../pages/thumbnail.ts";
import type { StatusBar } from "../statusBar.ts";
import { PROJECTIONS_PARAMS } from "./pageMessages.ts";
import { projectionsStrings } from "./pageStrings.ts";
import type { ProjectionsHost, ProjectionsSession } from "./projectionsSession.ts";
import { act } from "./selectionActions.ts";
import { ShownMaps } from "./shownMaps.ts";
import type { WindowLinks } from "./windowLinks.ts";

export interface ProjectionsParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
  readonly runs: IndexRuns;
  readonly status: StatusBar;
  readonly links: WindowLinks;
  readonly tables: ImageTables;
}

/** What of a session's host goes to the page. */
export type ToPage = Pick<ProjectionsHost, "changed" | "images" | "layout">;

interface PanelOwner {
  newSession(folder: string, parameters: ProjectionParameters, page: ToPage): ProjectionsSession;
}

/** One webview panel with the session that it shows. */
export class ProjectionsPanel implements vscode.Disposable {
  readonly webviewPanel: vscode.WebviewPanel;
  readonly #parts: ProjectionsParts;
  readonly #owner: PanelOwner;
  readonly #connection: MessageConnection;
  readonly #maps: ShownMaps;
  #session: ProjectionsSession | undefined;

  constructor(webviewPanel: vscode.WebviewPanel, parts: ProjectionsParts, owner: PanelOwner) {
    this.webviewPanel = webviewPanel;
    this.#parts = parts;
    this.#owner = owner;
    webviewPanel.iconPath = new vscode.ThemeIcon("graph-scatter");
    this.#maps = new ShownMaps(parts.engine, parts.tables, webviewPanel, () => this.session);
    this.#connection = openPage(
      webviewPanel.webview,
      parts.context.extensionUri,
      "projections",
      this.#handlers(),
      projectionsStrings(),
    );
  }

  get session(): ProjectionsSession {
    if (this.#session === undefined) throw new Error("The panel has no folder yet.");
    return this.#session;
  }

  /** Shows the maps of another folder, or of the same one anew. */
  show(folder: string, parameters: ProjectionParameters): void {
    this.#session?.dispose();
    this.#name(folder, parameters);
    this.#session = this.#owner.newSession(folder, parameters, {
      changed: () => this.#send("state", this.#shown()),
      images: (images) => this.#send("images", images),
      layout: (layout) => this.#send("layout", forPage(layout)),
    });
    this.#send("images", this.session.images);
    void this.session.start();
  }

  #name(folder: string, { under, models }: ProjectionParameters): void {
    const name = basename(under === "" ? folder : under);
    this.webviewPanel.title =
      models === undefined ? vscode.l10n.t("Projections: {0}", name) : vscode.l10n.t("Two models: {0}", name);
  }

  /** Makes the maps again: settings, models or the trust of the workspace changed. */
  restart(): void {
    this.show(this.session.folder, this.session.parameters);
  }

  /** Lights up what other parts of the window show. */
  highlight(): void {
    this.#send("highlight", this.#parts.links.highlight(this.session.folder));
  }

  /** Does something with what is selected in the page. */
  menu(action: SelectionAction): void {
    this.#send("menu", { action });
  }

  dispose(): void {
    this.#session?.dispose();
    this.#connection.dispose();
  }

  #send<M extends keyof ProjectionsNotifications>(method: M, params: ProjectionsNotifications[M]): void {
    if (this.webviewPanel.visible) void this.#connection.sendNotification(method, params);
  }

  #shown(): ProjectionsNotifications["state"] {
    const { state, folder, parameters } = this.session;
    const colour = this.#parts.tables.colour(folder);
    return { state, colour, saved: { folder, under: parameters.under, parameters } };
  }

  #handlers(): Handlers<ProjectionsRequests, unknown> {
    const { engine, links, log } = this.#parts;
    const checked = checkedHandlers<ProjectionsRequests>(PROJECTIONS_PARAMS, log);
    return {
      ready: checked("ready", async () => ({
        ...this.#shown(),
        images: this.session.images,
        layouts: this.session.layouts.map(forPage),
        highlight: links.highlight(this.session.folder),
      })),
      thumbnail: checked("thumbnail", ({ path, size }) =>
        pageThumbnail(engine, { folder: this.session.folder, image: this.#maps.image(path), size }),
      ),
      neighbours: checked("neighbours", ({ path, k }) => this.session.neighbours(path, k)),
      open: checked("open", ({ path }) => done(this.#maps.open(vscode.Uri.file(this.#maps.image(path))))),
      selection: checked("selection", ({ action, paths }) =>
        done(offeringLog(log, () => act(action, paths, this.#maps))),
      ),
      run: checked("run", async ({ parameters }) => {
        this.#name(this.session.folder, parameters);
        // Answers at once; the maps stream in by themselves.
        void this.session.run(parameters);
        return null;
      }),
      column: checked("column", ({ column }) => this.#maps.column(column)),
      colour: checked("colour", ({ choice }) => done(this.#maps.keepColour(choice))),
      tables: checked("tables", () => this.#maps.tables()),
      chooseTable: checked("chooseTable", () => this.#maps.chooseTable()),
      savePicture: checked("savePicture", (picture) => done(offeringLog(log, () => this.#maps.savePicture(picture)))),
      saveLayout: checked("saveLayout", ({ format }) => done(offeringLog(log, () => this.#maps.saveLayout(format)))),
      action: checked("action", async ({ action }) => {
        await this.#act(action);
        return null;
      }),
    };
  }

  /** Answers at once; what it starts reports by itself. */
  async #act(action: ProjectionsAction): Promise<void> {
    switch (action) {
      case "enterPassword":
        await enterPassword(this.#parts, () => void this.session.start());
        break;
      case "stop":
        this.session.stop();
        break;
      case "indexFolder":
        void this.session.indexAndStart();
        break;
      case "wholeFolder":
        void this.session.run({ ...this.session.parameters, under: "" });
        break;
      case "retry":
        this.#parts.engine.forgive();
        void this.session.start();
        break;
      case "run":
        void this.session.start();
        break;
      case "showLog":
        this.#parts.log.show();
        break;
      case "manageTrust":
        await vscode.commands.executeCommand("workbench.trust.manage");
    }
  }
}

async function done(work: Promise<void>): Promise<null> {
  await work;
  return null;
}

/** With an array of its own: VS Code sends the whole buffer behind a view. */
function forPage(layout: ProjectionLayout): ProjectionLayout {
  return { ...layout, points: layout.points.slice() };
}

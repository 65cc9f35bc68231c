import * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc/node";
import type {
  Handlers,
  SavedTraining,
  TrainingAction,
  TrainingPageNotifications,
  TrainingPageRequests,
  TrainingPageState,
} from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import type { IndexRuns } from "../indexRuns.ts";
import type { Models } from "../models/models.ts";
import { checkedHandlers } from "../pages/checked.ts";
import { openBeside } from "../pages/openBeside.ts";
import { openPage } from "../pages/openPage.ts";
import { pageThumbnail } from "../pages/thumbnail.ts";
import type { ProjectionsPanels } from "../projections/projectionsPanels.ts";
import type { SimilarPanels } from "../similar/similarPanels.ts";
import { TRAINING_PARAMS } from "./pageMessages.ts";
import { trainingStrings } from "./pageStrings.ts";
import type { TrainingSession } from "./trainingSession.ts";

export interface TrainingParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
  readonly runs: IndexRuns;
  readonly models: Models;
  readonly similar: SimilarPanels;
  readonly projections: ProjectionsPanels;
}

interface PanelOwner {
  newSession(saved: SavedTraining, changed: (state: TrainingPageState) => void): TrainingSession;
  /** What concerns more than the session. */
  act(action: TrainingAction, session: TrainingSession): Promise<void>;
}

/** While a run tells of itself, the page hears of it this often. Milliseconds. */
const STATE_INTERVAL = 250;

/** One webview panel with the training that it shows. */
export class TrainingPanel implements vscode.Disposable {
  readonly webviewPanel: vscode.WebviewPanel;
  readonly #parts: TrainingParts;
  readonly #owner: PanelOwner;
  readonly #connection: MessageConnection;
  #session: TrainingSession | undefined;
  #sending: NodeJS.Timeout | undefined;
  /** As the page was told it last. */
  #indexing: number | null | undefined;

  constructor(webviewPanel: vscode.WebviewPanel, parts: TrainingParts, owner: PanelOwner) {
    this.webviewPanel = webviewPanel;
    this.#parts = parts;
    this.#owner = owner;
    webviewPanel.iconPath = new vscode.ThemeIcon("mortar-board");
    this.#connection = openPage(
      webviewPanel.webview,
      parts.context.extensionUri,
      "training",
      this.#handlers(),
      trainingStrings(),
    );
  }

  get session(): TrainingSession {
    if (this.#session === undefined) throw new Error("The panel has no training yet.");
    return this.#session;
  }

  get visible(): boolean {
    return this.webviewPanel.visible;
  }

  /** Shows the choices for another training, or a run. */
  show(saved: SavedTraining): void {
    this.#session?.dispose();
    this.#session = this.#owner.newSession(saved, () => this.#changed());
    this.#changed();
    void this.#session.start();
  }

  dispose(): void {
    clearTimeout(this.#sending);
    this.#session?.dispose();
    this.#connection.dispose();
  }

  /** Sends the state soon: changes of one moment go together. */
  #changed(): void {
    // How far the index is stands in the status bar too, and the two are to say the same.
    if (this.session.state.indexing !== this.#indexing) this.#send();
    else this.#sending ??= setTimeout(() => this.#send(), STATE_INTERVAL);
  }

  #send(): void {
    clearTimeout(this.#sending);
    this.#sending = undefined;
    const shown = this.#shown();
    this.#indexing = shown.state.indexing;
    const { folder, ablation } = shown.state;
    this.webviewPanel.title =
      ablation === null ? vscode.l10n.t("Training: {0}", folder) : vscode.l10n.t("Ablation: {0}", folder);
    if (this.webviewPanel.visible) void this.#connection.sendNotification("state", shown);
  }

  #shown(): TrainingPageNotifications["state"] {
    const { state, saved } = this.session;
    return { state, saved };
  }

  #handlers(): Handlers<TrainingPageRequests, unknown> {
    const { engine, log } = this.#parts;
    const checked = checkedHandlers<TrainingPageRequests>(TRAINING_PARAMS, log);
    return {
      ready: checked("ready", async () => this.#shown()),
      change: checked("change", async ({ choices }) => {
        void this.session.change(choices);
        return null;
      }),
      changeAblation: checked("changeAblation", async ({ axes }) => {
        this.session.changeAblation(axes);
        return null;
      }),
      thumbnail: checked("thumbnail", ({ path, size }) =>
        pageThumbnail(engine, { folder: this.session.root, image: this.#image(path), size }),
      ),
      open: checked("open", async ({ path }) => {
        await openBeside(this.webviewPanel, vscode.Uri.file(this.#image(path)), { preview: true });
        return null;
      }),
      action: checked("action", async ({ action }) => {
        // Answers at once; what it starts reports by itself.
        void this.session.act(action).then((done) => (done ? undefined : this.#owner.act(action, this.session)));
        return null;
      }),
    };
  }

  #image(path: string): string {
    const image = this.session.resolve(path);
    if (image === undefined) throw new Error(`${path} is in none of the examples.`);
    return image;
  }
}

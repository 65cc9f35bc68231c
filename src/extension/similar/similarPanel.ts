import * as vscode from "vscode";
import type { MessageConnection } from "vscode-jsonrpc/node";
import type {
  Handlers,
  PageRequests,
  SavedHistory,
  Shown,
  ShownChange,
  SimilarResult,
  SimilarState,
  TableColumn,
} from "../../shared/index.ts";
import { cameTo } from "../pages/cameFrom.ts";
import { openPage } from "../pages/openPage.ts";
import { AnswerWait } from "./answerWait.ts";
import { askedOf, type ComparedChoice } from "./comparedChoice.ts";
import type { Whereabouts } from "./followedImages.ts";
import type { Asked } from "./newSession.ts";
import { pageStrings } from "./pageStrings.ts";
import { PanelHistory } from "./panelHistory.ts";
import { type LabelsHost, PanelLabels } from "./panelLabels.ts";
import { type PanelQuery, queryTitle } from "./query.ts";
import type { SearchedRoots } from "./searchedRoots.ts";
import type { Session } from "./session.ts";
import { ShownBefore } from "./shownBefore.ts";

interface PanelOwner {
  newSession(asked: Asked, changed: () => void): Session;
  /** The folders of the window. */
  roots(): SearchedRoots;
  /** What is done for the page. */
  requests(panel: SimilarPanel): Handlers<PageRequests, unknown>;
  labelsHost(panel: SimilarPanel, changed: LabelsHost["changed"]): LabelsHost;
  /** Labels come from here from now on. */
  labelsChosen(session: Session, labels: TableColumn | null): void;
}

/** One webview panel with the session that it shows. */
export class SimilarPanel implements vscode.Disposable {
  readonly webviewPanel: vscode.WebviewPanel;
  readonly #owner: PanelOwner;
  readonly #connection: MessageConnection;
  readonly #history = new PanelHistory();
  readonly #labels: PanelLabels;
  readonly #shownBefore = new ShownBefore();
  #session: Session | undefined;
  /** Models that are compared; none: the one that is chosen for the folder. */
  #models: readonly ComparedChoice[] = [];
  #pinned = false;
  /** Images of the query whose files are gone. Absolute paths. */
  #gone: readonly string[] = [];
  /** Of the session's result: it is large, and goes to the page once. */
  #answer = { number: 0, result: null as SimilarResult | null, sent: -1 };
  /** The page keeps it. */
  #sentHistory: SavedHistory | undefined;
  #changed = false;
  #disposed = false;
  /** The page has asked for the state. */
  #loaded = false;
  #toReveal = false;
  readonly #wait = new AnswerWait(() => this.#send());

  constructor(webviewPanel: vscode.WebviewPanel, extensionUri: vscode.Uri, owner: PanelOwner) {
    this.webviewPanel = webviewPanel;
    this.#owner = owner;
    this.#labels = new PanelLabels(
      owner.labelsHost(this, (labels) => {
        // To a page that is being loaded they go with the answer to its first message.
        if (webviewPanel.visible && this.#loaded) void this.#connection.sendNotification("labels", labels);
      }),
    );
    webviewPanel.iconPath = new vscode.ThemeIcon("search-fuzzy");
    const requests = owner.requests(this);
    this.#connection = openPage(webviewPanel.webview, extensionUri, "similar", requests, pageStrings());
  }

  get session(): Session {
    if (this.#session === undefined) throw new Error("The panel has no query yet.");
    return this.#session;
  }

  get pinned(): boolean {
    return this.#pinned;
  }

  get labels(): PanelLabels {
    return this.#labels;
  }

  /** The file behind a path that the page was told; undefined for any other. */
  resolve(path: string): string | undefined {
    return this.#shownBefore.has(path) ? this.session.resolve(path) : undefined;
  }

  get title(): string {
    return queryTitle(this.session.query);
  }

  /** Shows another query; the one before is a step back. */
  query(folder: string, query: PanelQuery): void {
    this.#history.push({ folder, query });
    this.#begin(folder, query);
  }

  /** Shows the query of before a reload of the window, with the way back to those before it. */
  restore(folder: string, query: PanelQuery, history: SavedHistory | undefined, pinned: boolean): void {
    if (history === undefined) this.#history.push({ folder, query });
    else {
      this.#history.restore(history);
      this.#history.replace({ folder, query });
    }
    this.#pinned = pinned;
    this.#begin(folder, query);
  }

  /** Brings the panel to the front and gives it the focus: at once where it is hidden, else after what is to be told. */
  reveal(): void {
    cameTo(this.webviewPanel);
    this.#toReveal = this.webviewPanel.visible;
    if (this.#toReveal) this.#send();
    else this.webviewPanel.reveal(undefined, false);
  }

  /** Changes the query that is shown: other examples, weights, filters, or all folders instead of one. */
  async ask(query: PanelQuery): Promise<void> {
    const { folder, query: before } = this.session;
    if (JSON.stringify(query.labels) !== JSON.stringify(before.labels)) {
      this.#owner.labelsChosen(this.session, query.labels);
    }
    if (query.across !== before.across) {
      const scoped = this.#owner.roots().scoped({ ...query, across: before.across }, folder, query.across);
      this.#history.replace({ folder, query: scoped });
      this.#begin(folder, scoped);
      return;
    }
    this.#history.replace({ folder, query });
    await this.session.ask(query);
  }

  /** Shows the query before or after, where there is one. */
  go(step: 1 | -1): void {
    const visit = this.#history.go(step);
    if (visit !== undefined) this.#begin(visit.folder, visit.query);
  }

  pin(pinned: boolean): void {
    this.#pinned = pinned;
    this.#send();
  }

  /** Shows images of the query at their new places, and says which ones are gone. */
  async follow({ moved, gone }: Whereabouts): Promise<void> {
    const before = JSON.stringify(this.#gone);
    this.#gone = gone;
    const { query } = this.session;
    if (moved.size > 0) {
      const examples = query.examples.map((each) => ({ ...each, image: moved.get(each.image) ?? each.image }));
      await this.ask({ ...query, examples });
    } else if (before !== JSON.stringify(gone)) this.#send();
  }

  #goneShown(): Pick<Shown["panel"], "gone"> {
    const { query, state } = this.session;
    const gone = query.examples.flatMap(({ image }, i) => {
      const shown = state.examples[i];
      return shown !== undefined && this.#gone.includes(image) ? [shown.path] : [];
    });
    return gone.length === 0 ? {} : { gone };
  }

  /** Asks the same again: the settings, the model, or the trust of the workspace changed. What is there stays meanwhile. */
  restart(): void {
    const { folder, query, state } = this.session;
    this.#begin(folder, query, state.result, state.comparison);
  }

  /** The window has other folders. */
  rootsChanged(): void {
    if (this.session.query.across) this.#begin(this.session.folder, this.session.query);
    else this.#send();
  }

  /** Shows the query under each of several models, and later ones too; none of them ends that. */
  compare(models: readonly ComparedChoice[]): void {
    this.#models = models;
    const { folder, query } = this.session;
    // Models are compared on one folder: each would have to index all of them.
    if (models.length > 0 && query.across) void this.ask({ ...query, across: false });
    else this.#begin(folder, query, this.session.state.result);
  }

  /** Names of the installed models that are compared. */
  get models(): readonly string[] {
    return [...new Set(this.#models.map(({ model }) => model))];
  }

  /** To ask what is the same with each model: one that is in use anyway. */
  anyModel(): ReturnType<typeof askedOf> {
    return askedOf(this.#models[0]);
  }

  /** What a page shows that has just been loaded. */
  load(): Shown {
    this.#loaded = true;
    return this.#told(this.shown());
  }

  shown(): Shown {
    const { state, folder, query } = this.session;
    this.#shownBefore.see(state);
    if (state.result !== this.#answer.result) {
      this.#answer = { ...this.#answer, number: this.#answer.number + 1, result: state.result };
    }
    return {
      state,
      answer: this.#answer.number,
      panel: {
        canGoBack: this.#history.canGoBack,
        canGoForward: this.#history.canGoForward,
        pinned: this.#pinned,
        severalFolders: this.#owner.roots().folders.length > 1,
        ...this.#goneShown(),
      },
      saved: { folder, ...query, pinned: this.#pinned },
    };
  }

  /** With the history where the page does not have it. */
  #told(shown: Shown): Shown {
    const { saved } = this.#history;
    const known = saved === this.#sentHistory;
    this.#sentHistory = saved;
    return known ? shown : { ...shown, history: saved };
  }

  dispose(): void {
    this.#disposed = true;
    this.#wait.stop();
    this.#labels.dispose();
    this.#session?.dispose();
    this.#connection.dispose();
  }

  #begin(
    folder: string,
    query: PanelQuery,
    before: SimilarResult | null = null,
    compared: SimilarState["comparison"] = null,
  ): void {
    const first = this.#session === undefined;
    this.#session?.dispose();
    this.#session = this.#owner.newSession({ folder, query, models: this.#models, before, compared }, () =>
      this.#send(),
    );
    if (first) this.#nameTab();
    this.#send();
    void this.#session.start();
  }

  #nameTab(): void {
    const title = vscode.l10n.t("Similar: {0}", this.title);
    this.webviewPanel.title = this.#pinned ? vscode.l10n.t("Pinned: {0}", this.title) : title;
  }

  /** Tells the page what changed; changes of one moment go in one message. */
  #send(): void {
    if (this.#changed) return;
    this.#changed = true;
    queueMicrotask(() => {
      this.#changed = false;
      if (this.#disposed || this.#wait.holds(this.session.state)) return;
      this.#labels.follow(this.session);
      this.#tell();
      // After what the user waits for: VS Code draws its tabs anew, and gives the focus.
      this.#nameTab();
      if (this.#toReveal) this.webviewPanel.reveal(undefined, false);
      this.#toReveal = false;
    });
  }

  #tell(): void {
    if (!this.webviewPanel.visible) return;
    // A page that is being loaded would draw one after the other what waits for it: it begins with the answer.
    if (!this.#loaded && this.session.state.result === null) return;
    const shown = this.#told(this.shown());
    const { result: _, ...others } = shown.state;
    const known = shown.answer === this.#answer.sent;
    this.#answer.sent = shown.answer;
    const change: ShownChange = known ? { ...shown, state: others } : shown;
    void this.#connection.sendNotification("state", change);
  }
}

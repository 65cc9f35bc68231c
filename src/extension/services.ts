import * as vscode from "vscode";
import { followDatabase, tellPassword } from "./databasePassword.ts";
import { DeviceWatch } from "./deviceWatch.ts";
import { EngineClient } from "./engine/engineClient.ts";
import { EvaluationPanels } from "./evaluation/evaluationPanels.ts";
import { type FollowSession, fillFollowView } from "./follow/index.ts";
import { ImageTables } from "./imageTables.ts";
import { IndexRuns } from "./indexRuns.ts";
import { IndexTree } from "./indexView/indexTree.ts";
import { IndexWatch } from "./indexWatch.ts";
import { createLog } from "./log.ts";
import { Models } from "./models/models.ts";
import { rememberOrigin } from "./pages/cameFrom.ts";
import { showPicture } from "./picture/index.ts";
import { ProjectionsPanels } from "./projections/projectionsPanels.ts";
import { ReviewPanels } from "./review/reviewPanels.ts";
import { PastedImages } from "./similar/pastedImages.ts";
import { SavedQueries } from "./similar/savedQueries.ts";
import { SimilarPanels } from "./similar/similarPanels.ts";
import { StatusBar } from "./statusBar.ts";
import { tablesHost } from "./tablesHost.ts";
import { TrainingPanels } from "./training/trainingPanels.ts";
import { askAboutVanished } from "./vanishedImages.ts";

/** What commands and panels work with; made once per window, at the first use. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
  readonly runs: IndexRuns;
  readonly watch: IndexWatch;
  readonly indexTree: IndexTree;
  readonly models: Models;
  readonly status: StatusBar;
  readonly tables: ImageTables;
  readonly similar: SimilarPanels;
  readonly projections: ProjectionsPanels;
  readonly training: TrainingPanels;
  readonly reviews: ReviewPanels;
  readonly evaluations: EvaluationPanels;
  /** Of a panel that is about to be restored. */
  readonly rememberOrigin: typeof rememberOrigin;
  /** Fills the view that follows the active image. */
  showFollowView(view: vscode.WebviewView): void;
  /** Fills the editor of an image that VS Code itself does not show. */
  showPicture(file: vscode.Uri, panel: vscode.WebviewPanel): void;
}

export function createServices(context: vscode.ExtensionContext): Services {
  const log = createLog();
  const engine = new EngineClient({
    module: context.asAbsolutePath("dist/engine/main.mjs"),
    onNotification: (method, params) => {
      if (method === "log" && "message" in params) log[params.level](params.message);
      if (method === "models/transfer" && "repo" in params) models.report(params);
      if (method === "folder/changed" && "folder" in params) runs.report(params);
      if (method === "query/progress" && "step" in params && !("total" in params)) reviews.report(params);
      if (method === "evaluation/progress" && "run" in params && "total" in params) evaluations.report(params);
      projections.report(method, params);
    },
    onOutput: (line) => log.warn(line),
    greet: (ask) => tellPassword((params) => ask("index/password", params), context.secrets),
  });
  const database = followDatabase(engine, context.secrets, () => indexTree.refresh());
  const runs = new IndexRuns({ engine, log });
  const vanished = askAboutVanished({ runs, log });
  const watch = new IndexWatch({ context, log, engine, runs });
  const models = new Models(engine, runs);
  const indexTree = new IndexTree({ engine, runs, watch });
  const status = new StatusBar();
  runs.onStatus((state) => status.show(state));
  // Before the panels: they search again when a setting changes, and the engine must be a new one by then.
  const device = new DeviceWatch({ context, log, engine, runs });
  const pasted = new PastedImages(vscode.Uri.joinPath(context.storageUri ?? context.globalStorageUri, "pasted").fsPath);
  const queries = new SavedQueries(context.workspaceState);
  const tables = new ImageTables(tablesHost(engine), context.workspaceState);
  const similar = new SimilarPanels({ context, log, engine, runs, status, pasted, queries, tables });
  const projections = new ProjectionsPanels({ context, log, engine, runs, status, similar, tables });
  const training = new TrainingPanels({ context, log, engine, runs, models, similar, projections });
  const reviews = new ReviewPanels({ context, log, engine, runs, status, similar, tables });
  const evaluations = new EvaluationPanels({ context, log, engine, runs, status, similar, tables });
  let follow: FollowSession | undefined;
  const showFollowView = (view: vscode.WebviewView) => {
    follow = fillFollowView(view, { context, log, engine, similar });
  };
  runs.onStatus(({ progress }) => {
    if (progress === null) follow?.refresh();
  });
  models.onChange(() => {
    follow?.refresh();
    indexTree.refresh();
    similar.modelsChanged();
    projections.restart();
    training.modelsChanged();
  });
  context.subscriptions.push(
    log,
    engine,
    database,
    runs,
    vanished,
    watch,
    indexTree,
    models,
    status,
    device,
    similar,
    projections,
    training,
    reviews,
    evaluations,
  );
  return {
    context,
    log,
    engine,
    runs,
    watch,
    indexTree,
    models,
    status,
    tables,
    similar,
    projections,
    training,
    reviews,
    evaluations,
    rememberOrigin,
    showFollowView,
    showPicture: (file, panel) => showPicture(file, panel, { context, log, engine }),
  };
}

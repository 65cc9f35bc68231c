import { basename } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import type {
  AblationAxes,
  ModelInUse,
  SavedTraining,
  TrainingAction,
  TrainingOptions,
  TrainingPageState,
} from "../../shared/index.ts";
import { untilAborted } from "../engine/untilAborted.ts";
import { failureText, isCancellation, loggedFailure, offerLog, requireTrust } from "../failures.ts";
import { TRAINING_VIEW } from "../ids.ts";
import { freeName } from "../models/modelItems.ts";
import { cameTo } from "../pages/cameFrom.ts";
import { OpenPanels } from "../pages/openPanels.ts";
import { showMarkdown } from "../pages/showMarkdown.ts";
import { deviceChoice, indexSettings, trainingOutlivesWindow } from "../settings.ts";
import { bringWeights, pickElsewhere, pickPrepared, showElsewhere, startImport } from "./elsewhere.ts";
import { SavedTrainingSchema } from "./pageMessages.ts";
import { startModel } from "./startModel.ts";
import { NoTorchError, TorchPython } from "./torchPython.ts";
import { TrainingPanel, type TrainingParts } from "./trainingPanel.ts";
import { TrainingRuns } from "./trainingRuns.ts";
import { TrainingSession } from "./trainingSession.ts";
import { pickFolder, pickLabels, rootOf } from "./trainingSource.ts";
import { TrainingStatus } from "./trainingStatus.ts";

/** Choices rest for so long before they are counted. Milliseconds. */
const REST = 400;

/** The training panel of this window: one. The trainings themselves outlive it. */
export class TrainingPanels implements vscode.Disposable {
  readonly runs: TrainingRuns;
  readonly torch: TorchPython;
  readonly #parts: TrainingParts;
  readonly #status: TrainingStatus;
  readonly #disposables: vscode.Disposable[];
  readonly #panels = new OpenPanels<TrainingPanel>();

  constructor(parts: TrainingParts) {
    this.#parts = parts;
    this.torch = new TorchPython(parts.engine, parts.log, parts.context.globalStorageUri);
    this.runs = new TrainingRuns({
      folder: vscode.Uri.joinPath(parts.context.globalStorageUri, "training").fsPath,
      trainer: parts.context.asAbsolutePath("dist/trainer/main.mjs"),
      outlives: trainingOutlivesWindow,
    });
    this.#status = new TrainingStatus(this.runs, (run) => {
      const { current } = this.#panels;
      return current?.session.run === run && current.visible;
    });
    this.#disposables = [
      this.#status,
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.#panels.current?.session.start()),
    ];
    // One of before a reload of the window.
    this.#status.find().catch((error: unknown) => this.#fail(error));
  }

  /** The open panel. */
  get current(): TrainingPanel | undefined {
    return this.#panels.current;
  }

  /**
   * Shows the choices for a training, or for an ablation.
   * @param root absolute path of the indexed folder that its folder lies in
   */
  show(root: string, options: TrainingOptions, ablation: AblationAxes | null = null): void {
    this.#show({ root, options, run: null, ablation });
  }

  /** Shows a run. @throws where it is not there any more */
  async showRun(id: string): Promise<void> {
    const run = await this.runs.find(id);
    if (run === undefined) throw new Error(vscode.l10n.t("This training is not there any more. Start a new one."));
    const { options, ablation = null } = run.info;
    this.#show({ root: rootOf(options.folder) ?? options.folder, options, run: id, ablation });
  }

  /** Imports the weights of a folder that another machine has trained, whoever prepared it. */
  async importWeights(): Promise<void> {
    requireTrust();
    const picked = await pickPrepared();
    if (picked === undefined) return;
    const run = (await this.runs.list()).find(({ waiting, info }) => waiting && info.elsewhere === picked.folder);
    const id = run?.id ?? (await startImport(picked, await this.#parts.models.list(undefined), this.runs));
    if (run !== undefined) await this.runs.resume(id);
    this.#status.follow(id).catch((error: unknown) => this.#fail(error));
    await this.showRun(id);
  }

  /** Other models are installed. */
  modelsChanged(): void {
    const session = this.#panels.current?.session;
    if (session?.run === null) void session.start();
  }

  /** Takes over a panel that VS Code kept over a reload of the window. */
  async restore(webviewPanel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const parsed = v.safeParse(SavedTrainingSchema, saved);
    if (!parsed.success) return void webviewPanel.dispose();
    const { run } = parsed.output;
    // A run that was forgotten meanwhile leaves its choices.
    const there = run !== null && (await this.runs.find(run)) !== undefined;
    this.#adopt(webviewPanel, { ...parsed.output, run: there ? run : null });
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#panels.dispose();
  }

  #show(saved: SavedTraining): void {
    const { current } = this.#panels;
    if (current === undefined) {
      const column = vscode.ViewColumn.Active;
      this.#adopt(vscode.window.createWebviewPanel(TRAINING_VIEW, "", column, { enableScripts: true }), saved);
    } else {
      current.show(saved);
      cameTo(current.webviewPanel);
      current.webviewPanel.reveal(undefined, false);
    }
  }

  #adopt(webviewPanel: vscode.WebviewPanel, saved: SavedTraining): void {
    this.#panels.close();
    const panel = new TrainingPanel(webviewPanel, this.#parts, {
      newSession: (kept, changed) => this.#newSession(kept, changed),
      act: (action, session) => this.#act(action, session).catch((error: unknown) => this.#fail(error)),
    });
    this.#panels.add(panel);
    panel.show(saved);
  }

  #fail(error: unknown): void {
    if (!isCancellation(error)) void offerLog(this.#parts.log, failureText(error));
  }

  async #act(action: TrainingAction, session: TrainingSession): Promise<void> {
    const { log, similar, projections } = this.#parts;
    switch (action) {
      case "showRunning":
        if (session.busy !== undefined) await this.showRun(session.busy);
        break;
      case "showLog":
        if (session.run === null) log.show();
        else await vscode.window.showTextDocument(vscode.Uri.file(this.runs.logFile(session.run)), { preview: true });
        break;
      case "openTables": {
        const tables = session.state.run?.ablation?.tables;
        if (tables != null) await showMarkdown(vscode.Uri.file(tables));
        break;
      }
      case "setUpTorch":
        await this.torch.setUp();
        break;
      case "manageTrust":
        await vscode.commands.executeCommand("workbench.trust.manage");
        break;
      case "pickFolder": {
        const folder = await pickFolder(session.root);
        if (folder !== undefined) {
          const { options, ablation } = session.saved;
          this.show(rootOf(folder) ?? folder, { ...options, folder, labels: null, labelColumn: null }, ablation);
        }
        break;
      }
      case "pickLabels": {
        const labels = await pickLabels(session.saved.options.folder, this.#parts.engine);
        if (labels !== undefined) await session.change(labels);
        break;
      }
      case "projections":
        projections.show(session.root, "");
        break;
      case "compareModels": {
        const installed = await session.install();
        const query = session.exampleQuery;
        const { options, models } = session.state;
        const before = options.model ?? models.find(({ builtIn }) => builtIn)?.name;
        if (installed === undefined || query === undefined || before === undefined) return;
        await similar.show(session.root, query);
        similar.compare([before, installed].map((model) => ({ label: model, model })));
      }
    }
  }

  /** What the folder is searched with; a training goes on without. */
  async #modelInUse(folder: string): Promise<ModelInUse | undefined> {
    try {
      return await this.#parts.engine.request("training/inUse", { folder, ...indexSettings() });
    } catch (error) {
      this.#parts.log.warn(`The training is not compared with the model in use: ${failureText(error)}`);
      return undefined;
    }
  }

  #newSession(saved: SavedTraining, changed: (state: TrainingPageState) => void): TrainingSession {
    const { engine, models, runs, log } = this.#parts;
    const t = vscode.l10n.t;
    let inUse: Promise<ModelInUse | undefined> = Promise.resolve(undefined);
    return new TrainingSession(
      {
        count: (options, signal) =>
          untilAborted(signal, (token) =>
            engine.request("training/data", { options: { ...options, device: deviceChoice() } }, token),
          ),
        models: async (root) => {
          // Known by the time of a start: whoever presses the button does not wait for it.
          if (vscode.workspace.isTrusted) inUse = this.#modelInUse(root);
          return (await models.list(root)).flatMap(startModel);
        },
        runs: {
          start: async (options, name, elsewhere, ablation) => {
            const here = options.engine === "torch" && elsewhere === undefined;
            const torch = here ? { python: (await this.torch.find()).python } : {};
            const chosen = { ...options, ...torch, device: deviceChoice() };
            const id = await this.runs.start(chosen, name, ablation === null ? await inUse : undefined, {
              elsewhere,
              ablation,
            });
            this.#status.follow(id).catch((error: unknown) => this.#fail(error));
            return id;
          },
          resume: async (id) => {
            await this.runs.resume(id);
            this.#status.follow(id).catch((error: unknown) => this.#fail(error));
          },
          control: (id, word) => this.runs.control(id, word),
          watch: (id, tell) => this.runs.watch(id, tell),
        },
        pickElsewhere,
        bringWeights,
        showElsewhere,
        async modelName({ folder, mode }) {
          const taken = (await models.list(undefined)).map(({ name }) => name);
          return freeName(`${basename(folder)}-${mode}`, taken);
        },
        async install(model, name) {
          const taken = (await models.list(undefined)).map((installed) => installed.name);
          // The same file under its name is the one that was installed before a reload of the window.
          return models.install(model, name).catch((error: unknown) => {
            if (!taken.includes(name)) throw error;
            return models.install(model, freeName(name, taken));
          });
        },
        chosen: async (root) => (await models.list(root)).find(({ selected }) => selected)?.name ?? null,
        select: (name, root) => models.select(name, root),
        async index(root, progress) {
          const listener = runs.onStatus((status) => {
            if (status.folder !== root || status.progress === null) return;
            const { done, total } = status.progress;
            progress(total === 0 ? null : done / total);
          });
          try {
            await runs.run(root);
          } finally {
            listener.dispose();
          }
        },
        lacksTorch: (error) => error instanceof NoTorchError,
        mayTrain: () => vscode.workspace.isTrusted,
        isCancellation,
        failureText: (error) => loggedFailure(log, error),
        texts: {
          notBetter: t(
            "This training brought nothing: combined finds no more of the held-out images than the model before it, or the one in use. Nothing was replaced. More images per class, more epochs, or a full training may help.",
          ),
          stopped: t("Stopped. The best model so far was kept."),
          waiting: (folder) =>
            t(
              "Prepared in {0}. Copy that folder to the machine that trains; how to start it there stands in its README.md. Import the weights when they are back.",
              folder,
            ),
          busy: (folder) =>
            t(
              "A training on {0} is under way, and one at a time can use this machine. Wait for it, or stop it.",
              folder,
            ),
          interrupted: (reason) =>
            reason === undefined
              ? t("The training was interrupted. Resume goes on from its last checkpoint.")
              : t("The trainer ended unexpectedly ({0}). Resume goes on from its last checkpoint.", reason),
          interruptedAfter: (done, of) =>
            t("Interrupted after {0} of {1} trainings. Resume goes on where they ended.", done, of),
          used: (name) => t("{0} is used for this folder. The model of before is still installed.", name),
          usedAgain: (name) => t("{0} is used for this folder again. The trained model is still installed.", name),
        },
        rest: REST,
        changed,
      },
      saved,
    );
  }
}

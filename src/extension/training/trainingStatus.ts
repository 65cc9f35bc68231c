import { basename } from "node:path";
import * as vscode from "vscode";
import { COMMANDS } from "../ids.ts";
import { tell, tellError } from "../messages.ts";
import type { RunView, RunWatch } from "./runWatch.ts";
import type { TrainingRuns } from "./trainingRuns.ts";

/** The training that is under way, in the status bar, whether or not a panel shows it; and a word when it ends. */
export class TrainingStatus implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("lookalike.training", vscode.StatusBarAlignment.Left, 0);
  readonly #runs: TrainingRuns;
  readonly #isShown: (run: string) => boolean | undefined;
  #watch: RunWatch | undefined;
  #run: string | undefined;

  /** @param isShown whether a panel shows this run to the user */
  constructor(runs: TrainingRuns, isShown: (run: string) => boolean | undefined) {
    this.#runs = runs;
    this.#isShown = isShown;
    this.#item.name = vscode.l10n.t("Lookalike training");
  }

  /** Follows the run that is under way, where there is one. */
  async find(): Promise<void> {
    const run = (await this.#runs.list()).find(({ alive }) => alive);
    if (run !== undefined) await this.follow(run.id);
  }

  async follow(run: string): Promise<void> {
    if (run === this.#run) return;
    this.#leave();
    this.#run = run;
    const watch = await this.#runs.watch(run, (view) => this.#show(run, view));
    if (this.#run !== run) return watch.dispose();
    this.#watch = watch;
    this.#show(run, watch.view);
  }

  dispose(): void {
    this.#leave();
    this.#item.dispose();
  }

  #leave(): void {
    this.#watch?.dispose();
    this.#watch = undefined;
    this.#run = undefined;
    this.#item.hide();
  }

  #show(run: string, { stage, progress }: RunView): void {
    const t = vscode.l10n.t;
    const info = this.#watch?.info;
    const folder = basename(info?.options.folder ?? "");
    if (stage === "done" || stage === "failed" || stage === "interrupted" || stage === "waiting") {
      this.#leave();
      if (this.#isShown(run)) return;
      const ofTraining = {
        done: t("Lookalike: the training on {0} is done.", folder),
        failed: t("Lookalike: the training on {0} failed.", folder),
        interrupted: t("Lookalike: the training on {0} was interrupted.", folder),
        waiting: t("Lookalike: the training on {0} is prepared for another machine.", folder),
      };
      const ofAblation = {
        ...ofTraining,
        done: t("Lookalike: the ablation on {0} is done.", folder),
        failed: t("Lookalike: the ablation on {0} failed.", folder),
        interrupted: t("Lookalike: the ablation on {0} was interrupted.", folder),
      };
      const text = (info?.ablation === undefined ? ofTraining : ofAblation)[stage];
      const show = t("Show");
      const told = stage === "done" || stage === "waiting" ? tell(text, show) : tellError(text, show);
      told.then((answer) => {
        if (answer === show) void vscode.commands.executeCommand(COMMANDS.trainModel, { run });
      });
      return;
    }
    const { work, ablation } = progress;
    const percent = work === null || work.total === 0 ? "" : ` ${Math.floor((100 * work.done) / work.total)} %`;
    const paused = stage === "paused" || stage === "pausing";
    const running =
      ablation === null
        ? `${t("Training {0}", folder)}${work?.phase === "training" ? percent : ""}`
        : t("Ablation on {0}: {1} of {2}", folder, ablation.done, ablation.of);
    this.#item.text = paused ? `$(debug-pause) ${t("Training paused")}` : `$(sync~spin) ${running}`;
    this.#item.tooltip = t("Lookalike: show the training on {0}", folder);
    this.#item.command = { command: COMMANDS.trainModel, title: "", arguments: [{ run }] };
    this.#item.show();
  }
}

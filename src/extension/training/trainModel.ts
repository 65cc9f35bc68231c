import { basename } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import { ABLATION_DEFAULTS, type AblationAxes, TRAINING_DEFAULTS } from "../../shared/index.ts";
import { requireTrust } from "../failures.ts";
import { fileFolders, requireRoot } from "../roots.ts";
import type { Services } from "../services.ts";
import type { RunSummary } from "./trainingRuns.ts";
import { rootOf } from "./trainingSource.ts";

const RunSchema = v.object({ run: v.string() });

type Item = vscode.QuickPickItem & { readonly run?: string };

/** Opens the training panel for many trainings that are held against each other; or one that is there. */
export function runAblation(services: Services, [arg]: unknown[]): Promise<void> {
  return choose(services, arg, ABLATION_DEFAULTS);
}

/**
 * Opens the training panel, where everything is chosen. Asks before only which folder, or which of the trainings that are
 * there, is meant.
 * @param args the folder that was right-clicked, or `{ run }` for a run that is there
 */
export function trainModel(services: Services, [arg]: unknown[]): Promise<void> {
  return choose(services, arg, null);
}

async function choose({ training }: Services, arg: unknown, ablation: AblationAxes | null): Promise<void> {
  const shown = v.safeParse(RunSchema, arg);
  if (shown.success) return training.showRun(shown.output.run);
  const clicked = arg instanceof vscode.Uri ? arg.fsPath : undefined;
  // Before any question; of one folder the panel says so, with what can be done.
  if (clicked === undefined && fileFolders().length > 1) requireTrust();
  const root = clicked === undefined ? await requireRoot() : (rootOf(clicked) ?? clicked);
  const picked = clicked === undefined ? await pickRun(root, await training.runs.list(), ablation !== null) : "new";
  if (picked === "new") training.show(root, { ...TRAINING_DEFAULTS, folder: clicked ?? root, labels: null }, ablation);
  else if (picked !== undefined) await training.showRun(picked);
}

/**
 * @param ablation whether a new one is to be an ablation
 * @returns the id of a run that is there already; `new` for another one, without asking where there is none
 */
async function pickRun(root: string, runs: readonly RunSummary[], ablation: boolean): Promise<string | undefined> {
  const t = vscode.l10n.t;
  const there = runs.filter(({ alive, interrupted, waiting }) => alive || interrupted || waiting);
  if (there.length === 0 || !vscode.workspace.isTrusted) return "new";
  const items = there.map(({ id, alive, waiting, info }): Item => {
    const started = new Date(info.started).toLocaleString(vscode.env.language);
    const name = basename(info.options.folder);
    if (waiting) {
      return {
        label: `$(cloud-download) ${t("Import the training on {0} from another machine", name)}`,
        detail: t("Prepared {0}; it waits for the weights", started),
        run: id,
      };
    }
    const isOne = info.ablation === undefined;
    const running = isOne ? t("Show the training on {0}", name) : t("Show the ablation on {0}", name);
    const interrupted = isOne
      ? t("Show the interrupted training on {0}", name)
      : t("Show the interrupted ablation on {0}", name);
    return {
      label: alive ? `$(sync) ${running}` : `$(debug-continue) ${interrupted}`,
      detail: alive ? t("Under way since {0}", started) : t("Started {0}; it can be resumed", started),
      run: id,
    };
  });
  const name = basename(root);
  const label = ablation ? t("A new ablation on {0}", name) : t("A new training on {0}", name);
  const another: Item = { label: `$(add) ${label}`, run: "new" };
  const options = { title: ablation ? t("Run ablation") : t("Train model"), placeHolder: t("Which training") };
  return (await vscode.window.showQuickPick([...items, another], options))?.run;
}

import { basename } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import { TRAINING_DEFAULTS } from "../../shared/index.ts";
import { requireTrust } from "../failures.ts";
import { fileFolders, pickRoot } from "../roots.ts";
import type { Services } from "../services.ts";
import type { RunSummary } from "./trainingRuns.ts";
import { rootOf } from "./trainingSource.ts";

const RunSchema = v.object({ run: v.string() });

type Item = vscode.QuickPickItem & { readonly run?: string };

/**
 * Opens the training panel, where everything is chosen. Asks before only which folder, or which of the trainings that are
 * there, is meant.
 * @param args the folder that was right-clicked, or `{ run }` for a run that is there
 */
export async function trainModel({ training }: Services, [arg]: unknown[]): Promise<void> {
  const shown = v.safeParse(RunSchema, arg);
  if (shown.success) return training.showRun(shown.output.run);
  const clicked = arg instanceof vscode.Uri ? arg.fsPath : undefined;
  // Before any question; of one folder the panel says so, with what can be done.
  if (clicked === undefined && fileFolders().length > 1) requireTrust();
  const root = clicked === undefined ? await pickRoot() : (rootOf(clicked) ?? clicked);
  if (root === undefined) throw new Error(vscode.l10n.t("No folder is open. Open a folder of images first."));
  const picked = clicked === undefined ? await pickRun(root, await training.runs.list()) : "new";
  if (picked === "new") training.show(root, { ...TRAINING_DEFAULTS, folder: clicked ?? root, labels: null });
  else if (picked !== undefined) await training.showRun(picked);
}

/** @returns the id of a run that is there already; `new` for another one, without asking where there is none */
async function pickRun(root: string, runs: readonly RunSummary[]): Promise<string | undefined> {
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
    return {
      label: alive
        ? `$(sync) ${t("Show the training on {0}", name)}`
        : `$(debug-continue) ${t("Show the interrupted training on {0}", name)}`,
      detail: alive ? t("Under way since {0}", started) : t("Started {0}; it can be resumed", started),
      run: id,
    };
  });
  const another: Item = { label: `$(add) ${t("A new training on {0}", basename(root))}`, run: "new" };
  const options = { title: t("Train model"), placeHolder: t("Which training") };
  return (await vscode.window.showQuickPick([...items, another], options))?.run;
}

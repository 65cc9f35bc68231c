import { promises as fs } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { TrainedElsewhere, TrainingRunInfo } from "../../shared/index.ts";
import { freeName } from "../models/modelItems.ts";
import { readInfo } from "./runFiles.ts";
import type { TrainingRuns } from "./trainingRuns.ts";

/** Asks for a folder to prepare for another machine. @throws where something lies in it */
export async function pickElsewhere(): Promise<string | undefined> {
  const t = vscode.l10n.t;
  const folder = await pickFolder(t("A new, empty folder for the other machine"), t("Prepare here"));
  if (folder === undefined || (await fs.readdir(folder)).length === 0) return folder;
  throw new Error(t("{0} is not empty. Choose a new folder.", folder));
}

/** A folder that another machine has trained: its absolute path, and what the training is. */
interface Prepared {
  readonly folder: string;
  readonly info: TrainingRunInfo;
}

/** Asks for such a folder, and for its weights where they are not there yet. @throws where it holds no training of torch */
export async function pickPrepared(): Promise<Prepared | undefined> {
  const t = vscode.l10n.t;
  const folder = await pickFolder(t("The folder that was prepared for another machine"), t("Import"));
  if (folder === undefined) return undefined;
  const info = await readInfo(folder);
  if (info === undefined || info.options.engine !== "torch" || !(await exists(join(folder, "job")))) {
    throw new Error(
      t("{0} was not prepared for another machine. Choose the folder that has README.md, run.json and job.", folder),
    );
  }
  const result = join(folder, "job", "result.safetensors");
  const prepared = { folder, result, lines: [] };
  return (await bringWeights(prepared)) ? { folder, info } : undefined;
}

/**
 * Starts a run that makes the model from the weights of such a folder.
 * @param installed models
 * @returns its id
 * @throws where it starts from a model that is not installed, or another training is under way
 */
export async function startImport(
  { folder, info: { options, name } }: Prepared,
  installed: readonly { readonly name: string }[],
  runs: Pick<TrainingRuns, "start">,
): Promise<string> {
  const names = installed.map((model) => model.name);
  if (options.model !== null && !names.includes(options.model)) {
    throw new Error(
      vscode.l10n.t(
        "This training starts from {0}, which is not installed here. Import that model first, or import the weights by the command line.",
        options.model,
      ),
    );
  }
  return runs.start(options, freeName(name, names), undefined, { elsewhere: folder });
}

/** Whether the weights are in their place; asks for the file where they are not, and copies it there. */
export async function bringWeights({ result }: TrainedElsewhere): Promise<boolean> {
  if (await exists(result)) return true;
  const t = vscode.l10n.t;
  const [file] =
    (await vscode.window.showOpenDialog({
      title: t("The weights that came back (result.safetensors)"),
      openLabel: t("Import"),
      filters: { [t("Weights")]: ["safetensors"] },
    })) ?? [];
  if (file === undefined) return false;
  await fs.copyFile(file.fsPath, result);
  return true;
}

/** Opens what the folder says about how to start it. */
export async function showElsewhere({ folder }: TrainedElsewhere): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.file(join(folder, "README.md")), { preview: true });
}

async function pickFolder(title: string, openLabel: string): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title,
    openLabel,
    canSelectFiles: false,
    canSelectFolders: true,
  });
  return picked?.[0]?.fsPath;
}

function exists(path: string): Promise<boolean> {
  return fs.access(path).then(
    () => true,
    () => false,
  );
}

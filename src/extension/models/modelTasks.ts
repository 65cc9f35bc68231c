import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import type { InstalledModel } from "../../shared/index.ts";
import { askLine, askModal, tellInStatusBar } from "../messages.ts";
import { askName, requireTrustInFiles } from "./modelInputs.ts";
import { nameProblem } from "./modelItems.ts";
import type { Models } from "./models.ts";

/** Copies a model file that the user picks among the installed ones. @returns its name; undefined where the user left */
export async function installModel(models: Models, list: readonly InstalledModel[]): Promise<string | undefined> {
  const t = vscode.l10n.t;
  requireTrustInFiles();
  const title = t("Install a model file");
  const [file] = (await vscode.window.showOpenDialog({ title, filters: { [t("Models")]: ["onnx"] } })) ?? [];
  if (file === undefined) return undefined;
  const taken = list.map(({ name }) => name);
  const name = await askName(basename(file.fsPath, ".onnx"), taken, title);
  return name === undefined ? undefined : models.install(file.fsPath, name);
}

export async function exportModel(models: Models, { name, file }: InstalledModel): Promise<void> {
  const t = vscode.l10n.t;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? dirname(file);
  const target = await vscode.window.showSaveDialog({
    title: t("Export {0}", name),
    defaultUri: vscode.Uri.file(join(folder, `${name}.onnx`)),
    filters: { [t("Models")]: ["onnx"] },
  });
  if (target === undefined) return;
  await models.export(name, target.fsPath);
  tellInStatusBar(t("Lookalike: exported {0}", basename(target.fsPath)));
}

export async function renameModel(
  models: Models,
  { name }: InstalledModel,
  list: readonly InstalledModel[],
): Promise<void> {
  const others = list.map((model) => model.name).filter((other) => other !== name);
  const to = await askLine({
    title: vscode.l10n.t("Rename {0}", name),
    prompt: vscode.l10n.t("Name of the model"),
    value: name,
    validateInput: (text) => nameProblem(text.trim(), others, vscode.l10n.t),
  });
  if (to !== undefined && to.trim() !== name) await models.rename(name, to.trim());
}

export async function deleteModel(models: Models, { name }: InstalledModel): Promise<void> {
  const t = vscode.l10n.t;
  const remove = t("Delete");
  const detail = t(
    "Its file is removed from this machine. Folders that use it go back to another model; indexes that were made with it stay.",
  );
  const question = t("Delete the model {0}?", name);
  if ((await askModal(question, detail, remove)) === remove) {
    await models.remove(name);
  }
}

import { basename } from "node:path";
import * as vscode from "vscode";
import {
  ADAPTED_SUFFIX,
  DESCRIPTOR_COLOURS,
  type IndexSummary,
  type InstalledModel,
  MIN_ADAPTED,
} from "../../shared/index.ts";
import { requireTrust } from "../failures.ts";
import { folderStatus } from "../folderStatus.ts";
import { COMMANDS, SETTINGS } from "../ids.ts";
import { askModal, tell, tellInStatusBar } from "../messages.ts";
import { pickRoot, requireRoot } from "../roots.ts";
import type { Services } from "../services.ts";
import { adapts, indexSettings } from "../settings.ts";
import { formsOf } from "../similar/comparedChoice.ts";
import { offerUse } from "./modelInputs.ts";
import { modelItem } from "./modelItems.ts";
import { pickModel } from "./modelPicker.ts";
import { deleteModel, exportModel, installModel, renameModel } from "./modelTasks.ts";

const INSTALL = "install";

/** Lists the installed models; the user chooses one, or exports, renames, deletes, installs. */
export async function selectModel(services: Services): Promise<void> {
  const t = vscode.l10n.t;
  const { models, similar } = services;
  const folder = similar.current?.session.folder ?? (await pickRoot());
  const title = folder === undefined ? t("Model") : t("Model for {0}", basename(folder));
  const more = [
    { id: INSTALL, label: `$(add) ${t("Install a model file...")}` },
    { id: COMMANDS.importModel, label: `$(symbol-misc) ${t("Import a network...")}` },
    { id: COMMANDS.downloadModel, label: `$(cloud-download) ${t("Download a model...")}` },
    { id: COMMANDS.compareModels, label: `$(split-horizontal) ${t("Compare models...")}` },
  ];
  // What is done with a model leads back to the list, which shows it.
  for (;;) {
    const list = await models.list(folder);
    const picked = await pickModel(list, title, more, await nameInUse(services, folder));
    if (picked === undefined) return;
    switch (picked.action) {
      case "use":
        return useModel(services, picked.model, folder);
      case "more": {
        if (picked.id !== INSTALL) return void (await vscode.commands.executeCommand(picked.id));
        const name = await installModel(models, list);
        return name === undefined ? undefined : offerUse(services, name, folder);
      }
      case "reveal":
        await vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(picked.model.file));
        return;
      case "export":
        await exportModel(models, picked.model);
        break;
      case "rename":
        await renameModel(models, picked.model, list);
        break;
      case "delete":
        await deleteModel(models, picked.model);
    }
  }
}

/** What the model calls itself that a folder is searched with; undefined where that cannot be told. */
async function nameInUse({ engine }: Services, folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  return folderStatus(engine, folder).then(
    ({ model }) => model.name,
    () => undefined,
  );
}

async function useModel({ models }: Services, model: InstalledModel, folder: string | undefined): Promise<void> {
  const t = vscode.l10n.t;
  const { name, builtIn, problem } = model;
  if (problem !== null) throw new Error(problem);
  if (folder === undefined) {
    await models.selectForAll(builtIn ? null : name, undefined);
    tellInStatusBar(t("Lookalike: {0} is used for all folders", name));
    return;
  }
  const here = { label: t("This folder"), description: basename(folder), all: false };
  const all = { label: t("All folders"), description: t("except those with a choice of their own"), all: true };
  const scope = await vscode.window.showQuickPick([here, all], { title: t("Use {0} for", name) });
  if (scope === undefined) return;
  if (scope.all) await models.selectForAll(builtIn ? null : name, folder);
  else await models.select(name, folder);
  const where = scope.all ? t("all folders") : basename(folder);
  tellInStatusBar(t("Lookalike: {0} is used for {1}", name, where));
}

/**
 * Adapts the model of a folder anew, which embeds everything again.
 * @param rebuild rebuilds the index of a folder, with progress
 */
export async function adaptModel(
  { similar, log }: Services,
  rebuild: (folder: string) => Promise<IndexSummary>,
): Promise<void> {
  const t = vscode.l10n.t;
  requireTrust();
  const folder = await requireRoot();
  const settings = vscode.workspace.getConfiguration(SETTINGS.section);
  const off = !adapts();
  const detail = [
    t(
      "A sample of at most 800 images is looked at in several views (crops, flips, changed colours); what differs between views of one image then counts less. No labels are needed. Afterwards every image is embedded again.",
    ),
    off
      ? t("The setting lookalike.model.adapt is off; it becomes auto.")
      : t("To go back to the model as it is, set lookalike.model.adapt to off."),
  ].join("\n\n");
  const adapt = t("Adapt");
  const question = t("Adapt the model to {0}?", basename(folder));
  if ((await askModal(question, detail, adapt)) !== adapt) return;
  if (off) {
    const own = settings.inspect(SETTINGS.modelAdapt)?.workspaceValue !== undefined;
    const target = own ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
    await settings.update(SETTINGS.modelAdapt, "auto", target);
  }
  const { model } = await rebuild(folder);
  similar.modelsChanged();
  if (model.name.endsWith(ADAPTED_SUFFIX)) return;
  log.info(`The model of ${folder} was not adapted: too few images, too much alike, or it was trained already.`);
  void tell(
    t(
      "The model is used as it is. Adapting needs a model that was not trained yet, and at least {0} images that differ from each other.",
      MIN_ADAPTED,
    ),
  );
}

/** Shows the results of the panel's query under several models side by side, or the maps of two on each other. */
export async function compareModels(services: Services): Promise<void> {
  const t = vscode.l10n.t;
  const { models, similar, projections } = services;
  const session = similar.current?.session;
  const folder = session?.folder ?? (await requireRoot());
  const inUse = await nameInUse(services, folder);
  const { adapt } = indexSettings();
  const items = (await models.list(folder)).flatMap((model) =>
    formsOf(model, adapt).map((choice) => {
      const used = model.selected && (inUse?.endsWith(ADAPTED_SUFFIX) === true) === (choice.adapt === true);
      const form = choice.adapt === true ? t("adapted to this folder") : t("as it is");
      const own = inUse === undefined || inUse === choice.label;
      const use = own ? t("{0}, in use", form) : t("{0}, in use as {1}", form, inUse);
      const description = used ? use : form;
      return { ...modelItem(model, t), label: choice.label, description, picked: used, choice };
    }),
  );
  if (items.length < 2) throw new Error(t("There is one model only. Install another one to compare it with."));
  const picked = await vscode.window.showQuickPick(items, {
    title: t("Compare models"),
    placeHolder: t("Two or more; the folder is indexed with each of them"),
    canPickMany: true,
  });
  if (picked === undefined) return;
  if (picked.length < 2) throw new Error(t("Choose two or more models to compare."));
  if (picked.length > DESCRIPTOR_COLOURS)
    throw new Error(t("Choose at most {0} models to compare.", DESCRIPTOR_COLOURS));
  const choices = picked.map(({ choice }) => choice);
  const lists = { label: t("Ranked lists"), detail: t("of the query in the similar panel, by combined") };
  const maps = { label: t("Maps"), detail: t("of the folder, laid on each other, with what moved between the two") };
  const offered = [...(session === undefined ? [] : [lists]), ...(choices.length === 2 ? [maps] : [])];
  if (offered.length === 0) {
    throw new Error(t("Maps compare two models. For lists of more, find images similar to some image first."));
  }
  const how =
    offered.length === 1 ? offered[0] : await vscode.window.showQuickPick(offered, { title: t("Compare models") });
  if (how === lists) similar.compare(choices);
  if (how === maps) projections.show(folder, "", choices);
}

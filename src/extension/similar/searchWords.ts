import * as vscode from "vscode";
import { folderStatus } from "../folderStatus.ts";
import { COMMANDS } from "../ids.ts";
import { askLine, tell } from "../messages.ts";
import { requireRoot } from "../roots.ts";
import type { Services } from "../services.ts";
import { wordsQuery } from "./query.ts";

/** Asks for words, and shows the images of a folder that are like them; or says which models understand words. */
export async function searchByWords(services: Services): Promise<void> {
  const t = vscode.l10n.t;
  const { engine, similar, tables } = services;
  const folder = similar.current?.session.folder ?? (await requireRoot());
  const { model } = await folderStatus(engine, folder);
  if (model.words === undefined) return offerModels(services, folder, model.name);
  const text = await askLine({
    ignoreFocusOut: true,
    title: t("Search by words"),
    prompt: t("What the pictures show, in the language that the model {0} was trained in", model.name),
    placeHolder: t("a red car in the snow"),
    validateInput: (typed) => (typed.trim() === "" ? t("Write some words.") : undefined),
  });
  if (text !== undefined) similar.showQuery(folder, wordsQuery(text.trim(), tables.labels(folder)));
}

/** Which models understand words, installed ones and those of the catalogue. */
async function offerModels({ engine, models }: Services, folder: string, name: string): Promise<void> {
  const t = vscode.l10n.t;
  const installed = (await models.list(folder)).filter(({ manifest }) => manifest?.text !== undefined);
  const known = (await engine.request("hub/catalogue", {})).filter(({ text }) => text !== undefined);
  const select = t("Select Model...");
  const download = t("Download Model...");
  const names = known.map((choice) => choice.name).join(", ");
  const answer =
    installed.length > 0
      ? await tell(
          t(
            "{0} has no text tower and understands no words. These do: {1}.",
            name,
            installed.map((each) => each.name).join(", "),
          ),
          select,
          download,
        )
      : await tell(
          t(
            "{0} has no text tower and understands no words. No installed model does; of the catalogue: {1}.",
            name,
            names,
          ),
          download,
        );
  if (answer === select) await vscode.commands.executeCommand(COMMANDS.selectModel);
  if (answer === download) await vscode.commands.executeCommand(COMMANDS.downloadModel);
}

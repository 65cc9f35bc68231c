import { basename } from "node:path";
import * as vscode from "vscode";
import type { EngineClient } from "../engine/engineClient.ts";
import { requireTrust } from "../failures.ts";
import { COMMANDS } from "../ids.ts";
import { askLine, tell } from "../messages.ts";
import type { Services } from "../services.ts";
import { freeName, nameProblem } from "./modelItems.ts";

/** A model file may come from the workspace, and is run: not before the user trusts the workspace. */
export function requireTrustInFiles(): void {
  requireTrust(
    vscode.l10n.t("This workspace is not trusted, so no model is loaded from a file here. Trust the workspace first."),
  );
}

/**
 * Asks for the name of a new model.
 * @param wanted proposed, with a number where it is taken
 * @returns undefined where the user left
 */
export async function askName(wanted: string, taken: readonly string[], title: string): Promise<string | undefined> {
  const name = await askLine({
    title,
    prompt: vscode.l10n.t("Name of the model"),
    value: freeName(wanted, taken),
    ignoreFocusOut: true,
    validateInput: (text) => nameProblem(text.trim(), taken, vscode.l10n.t),
  });
  return name?.trim();
}

/** Asks which descriptors a new model gets, such as `SMG`. @returns undefined where the user left */
export async function askDescriptors(
  engine: EngineClient,
  title: string,
  { words = false }: { readonly words?: boolean } = {},
): Promise<string | undefined> {
  const list = await askLine({
    title,
    prompt: vscode.l10n.t(
      "Descriptors, in order: the letters S (SPoC), M (MAC), G (GeM), or names joined by +, such as MG+RMAC",
    ),
    // V is the network's own vector, in whose space the words are.
    value: words ? "SMG+V" : "SMG",
    ignoreFocusOut: true,
    validateInput: (text) => engine.request("models/checkDescriptors", { text: text.trim() }),
  });
  return list?.trim();
}

interface WordsItem extends vscode.QuickPickItem {
  readonly words: "beside" | "none" | "file";
}

/**
 * Asks whether the model gets a tower for words.
 * @param beside what is said of the one at hand; null where there is none, and then nothing is asked unless a file can be chosen
 * @param files whether another file can be chosen
 */
export async function askWords(
  title: string,
  beside: string | null,
  files = false,
): Promise<WordsItem["words"] | undefined> {
  const t = vscode.l10n.t;
  const items: WordsItem[] = [
    ...(beside === null
      ? []
      : [
          {
            label: t("Pictures and words"),
            description: beside,
            detail: t("The folder can then be searched by words"),
            words: "beside" as const,
          },
        ]),
    { label: t("Pictures only"), words: "none" },
    ...(files
      ? [
          {
            label: t("Choose a tower for words..."),
            detail: t("An ONNX file with its tokenizer.json beside it"),
            words: "file" as const,
          },
        ]
      : []),
  ];
  if (items.length === 1) return "none";
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: t("What the model is to understand"),
    ignoreFocusOut: true,
  });
  return picked?.words;
}

/** Says that a model is installed, and offers to use it. */
export async function offerUse(
  { models }: Pick<Services, "models">,
  name: string,
  folder: string | undefined,
): Promise<void> {
  const t = vscode.l10n.t;
  const use = folder === undefined ? t("Use for All Folders") : t("Use for {0}", basename(folder));
  // How it compares on the folder can be seen before it is used.
  const compare = t("Compare...");
  const answer = await tell(t("The model {0} is installed.", name), use, compare);
  if (answer === compare) await vscode.commands.executeCommand(COMMANDS.compareModels);
  if (answer !== use) return;
  if (folder === undefined) await models.selectForAll(name, undefined);
  else await models.select(name, folder);
}

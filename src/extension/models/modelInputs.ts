import { basename } from "node:path";
import * as vscode from "vscode";
import type { EngineClient } from "../engine/engineClient.ts";
import { requireTrust } from "../failures.ts";
import { tell } from "../messages.ts";
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
  const name = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t("Name of the model"),
    value: freeName(wanted, taken),
    ignoreFocusOut: true,
    validateInput: (text) => nameProblem(text.trim(), taken, vscode.l10n.t),
  });
  return name?.trim();
}

/** Asks which descriptors a new model gets, such as `SMG`. @returns undefined where the user left */
export async function askDescriptors(engine: EngineClient, title: string): Promise<string | undefined> {
  const list = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t(
      "Descriptors, in order: the letters S (SPoC), M (MAC), G (GeM), or names joined by +, such as MG+RMAC",
    ),
    value: "SMG",
    ignoreFocusOut: true,
    validateInput: (text) => engine.request("models/checkDescriptors", { text: text.trim() }),
  });
  return list?.trim();
}

/** Says that a model is installed, and offers to use it. */
export async function offerUse(
  { models }: Pick<Services, "models">,
  name: string,
  folder: string | undefined,
): Promise<void> {
  const t = vscode.l10n.t;
  const use = folder === undefined ? t("Use for All Folders") : t("Use for {0}", basename(folder));
  const answer = await tell(t("The model {0} is installed.", name), use);
  if (answer !== use) return;
  if (folder === undefined) await models.selectForAll(name, undefined);
  else await models.select(name, folder);
}

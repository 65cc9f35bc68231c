import { basename } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import { isDatabase } from "../../shared/index.ts";
import { requireTrust } from "../failures.ts";
import { askModal } from "../messages.ts";
import type { Services } from "../services.ts";
import { indexSettings } from "../settings.ts";

const NodeSchema = v.object({ folder: v.string() });
const KeptSchema = v.object({ folder: v.string(), index: v.object({ name: v.string() }) });

/** The folder that a row of the tree is about. */
export function folderOf(node: unknown): string {
  return v.parse(NodeSchema, node).folder;
}

/** Also ends a pause. */
export async function update({ runs, watch, engine }: Services, [node]: unknown[]): Promise<void> {
  const folder = folderOf(node);
  requireTrust();
  watch.resume(folder);
  engine.forgive();
  // Its progress, its end and its failure are in the tree.
  await runs.run(folder).catch(() => {});
}

export async function pause({ runs, watch, indexTree }: Services, [node]: unknown[]): Promise<void> {
  const folder = folderOf(node);
  watch.pause(folder);
  await runs.stop(folder);
  indexTree.refresh(folder);
}

export async function deleteAll(services: Services, [node]: unknown[]): Promise<void> {
  const { runs, watch, engine, indexTree, status } = services;
  const folder = folderOf(node);
  const name = basename(folder);
  const text = vscode.l10n.t("Delete the index of {0}? The images are not touched.", name);
  if (!(await confirmed(text))) return;
  await runs.stop(folder);
  await engine.request("index/remove", { folder, ...indexSettings() });
  watch.resume(folder);
  await watch.forget(folder);
  status.hide();
  indexTree.forget(folder);
}

export async function deleteKept({ engine, indexTree }: Services, [node]: unknown[]): Promise<void> {
  const { folder, index } = v.parse(KeptSchema, node);
  const text = vscode.l10n.t("Delete this index? Going back to its model then embeds the folder again.");
  if (!(await confirmed(text))) return;
  await engine.request("index/remove", { folder, ...indexSettings(), name: index.name });
  indexTree.refresh(folder);
}

export async function openLocation({ engine }: Services, [node]: unknown[]): Promise<void> {
  const folder = folderOf(node);
  const { place } = await engine.request("index/details", { folder, ...indexSettings() });
  if (isDatabase(place)) {
    throw new Error(vscode.l10n.t("The index is in the database {0}, not in a folder of this machine.", place));
  }
  await vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(place));
}

async function confirmed(text: string): Promise<boolean> {
  const remove = vscode.l10n.t("Delete");
  return (await askModal(text, undefined, remove)) === remove;
}

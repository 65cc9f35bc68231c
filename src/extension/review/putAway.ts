import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { type FilesMoved, visible } from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { COMMANDS } from "../ids.ts";
import { askModal, tell, tellError, tellInStatusBar } from "../messages.ts";
import { writeWhole } from "../writeWhole.ts";

/**
 * Moves files of a folder into the review folder beside it, after the user has agreed.
 * @param paths relative to the folder, with `/`
 * @returns those that are gone; what could not be moved is told to the user
 */
export async function putAwayAgreed(
  engine: EngineClient,
  folder: string,
  paths: readonly string[],
  log: vscode.LogOutputChannel,
): Promise<readonly string[]> {
  const t = vscode.l10n.t;
  const shown = paths.slice(0, 10);
  const listed = visible([...shown, ...(paths.length > shown.length ? ["..."] : [])]).join("\n");
  const agree = t("Put Away");
  const detail = `${t("They are moved out of the folder, and a list says where each came from. The command Take Back Copies moves all of them back.")}\n\n${listed}`;
  const question =
    paths.length === 1 ? t("Put one file away?") : t("Put {0} files away?", paths.length.toLocaleString());
  if ((await askModal(question, detail, agree)) !== agree) return [];
  const result = await engine.request("folder/putAway", { folder, paths });
  tellLeft(result, log);
  const back = t("Take Back");
  const { length } = result.moved;
  if (length === 0) return [];
  const place = visible(result.place);
  const said =
    length === 1
      ? t("Lookalike: one file was put away in {0}.", place)
      : t("Lookalike: {0} files were put away in {1}.", length.toLocaleString(), place);
  void tell(said, back).then((answer) => {
    if (answer === back) void vscode.commands.executeCommand(COMMANDS.takeBackCopies, vscode.Uri.file(folder));
  });
  return result.moved;
}

/** Names what was not moved. */
export function tellLeft({ left, moved }: FilesMoved, log: vscode.LogOutputChannel): void {
  if (left.length === 0) return;
  for (const { path, reason } of left) log.error(`${path} was not moved: ${reason}`);
  const [{ path, reason }] = left as [FilesMoved["left"][number]];
  const all = (left.length + moved.length).toLocaleString();
  const t = vscode.l10n.t;
  void tellError(
    t(
      "Lookalike: {0} of {1} files were not moved; the log names each. The first: {2} ({3}).",
      left.length,
      all,
      visible(path),
      visible(reason),
    ),
  );
}

/** Saves paths, one a line, where the user says. @param files absolute paths */
export async function saveList(folder: string, files: readonly string[]): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(dirname(folder), `${basename(folder)}-copies.txt`)),
    title: vscode.l10n.t("Save the list of paths as"),
  });
  if (target === undefined) return;
  await writeWhole(target, files.map((file) => `${file}\n`).join(""));
  tellInStatusBar(vscode.l10n.t("Lookalike: saved {0}", visible(target.fsPath)));
}

import { join } from "node:path";
import * as vscode from "vscode";
import { type AcrossResult, COMBINED } from "../shared/index.ts";
import { indexedRoots } from "./indexedRoots.ts";
import { fileFolders } from "./roots.ts";
import type { Services } from "./services.ts";
import { indexSettings, similarCount } from "./settings.ts";

interface Found extends vscode.QuickPickItem {
  readonly uri: vscode.Uri;
}

/** `Find Similar in All Folders`: one list from every indexed folder of the window, to look through with the arrow keys. */
export async function findAcross(services: Services, image: vscode.Uri | undefined): Promise<void> {
  if (image === undefined) return;
  const t = vscode.l10n.t;
  const known = indexedRoots(services.context);
  const folders = fileFolders().flatMap(({ uri }) => (known.includes(uri.fsPath) ? [uri.fsPath] : []));
  if (folders.length === 0) throw new Error(t("No folder of this window is indexed yet. Index one first."));
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t("Searching {0} folders", folders.length) },
    () =>
      services.engine.request("image/similarAcross", {
        ...indexSettings(),
        folders,
        examples: [{ image: image.fsPath, sign: 1 }],
        k: similarCount(),
      }),
  );
  show(itemsOf(result), result.order, image);
}

function itemsOf({ results, names }: AcrossResult): Found[] {
  const folders = new Map(Object.entries(names).map(([folder, name]) => [name, folder]));
  return (results[COMBINED] ?? []).map(({ path, score }) => {
    const slash = path.indexOf("/");
    const uri = vscode.Uri.file(join(folders.get(path.slice(0, slash)) ?? "", path.slice(slash + 1)));
    return { label: path, description: score.toFixed(2), iconPath: uri, uri };
  });
}

/** The image under the cursor is previewed; Enter keeps it open. */
function show(items: readonly Found[], order: AcrossResult["order"], image: vscode.Uri): void {
  const t = vscode.l10n.t;
  const pick = vscode.window.createQuickPick<Found>();
  const name = vscode.workspace.asRelativePath(image, true);
  pick.title =
    order === "score"
      ? t("Most alike to {0}", name)
      : t("Most alike to {0}: best of each folder first, as each has a model of its own", name);
  pick.placeholder = t("Arrows preview, Enter opens");
  pick.items = items;
  pick.onDidChangeActive(([active]) => {
    if (active !== undefined) void open(active.uri, true);
  });
  pick.onDidAccept(() => {
    const [chosen] = pick.activeItems;
    pick.hide();
    if (chosen !== undefined) void open(chosen.uri, false);
  });
  pick.onDidHide(() => pick.dispose());
  pick.show();
}

function open(uri: vscode.Uri, preview: boolean): Thenable<unknown> {
  return vscode.commands.executeCommand("vscode.open", uri, { preview, preserveFocus: preview });
}

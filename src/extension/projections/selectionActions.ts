import { basename, join, relative } from "node:path";
import * as vscode from "vscode";
import { MOST_EXAMPLES, type SelectionAction, type TableSummary } from "../../shared/index.ts";
import { COMMANDS } from "../ids.ts";
import { askLine, tell, tellInStatusBar } from "../messages.ts";
import type { ShownMaps } from "./shownMaps.ts";

/** Does with selected images what the user chose. @param paths relative to the folder; at least one */
export async function act(action: SelectionAction, paths: readonly string[], maps: ShownMaps): Promise<void> {
  const uris = paths.map((path) => vscode.Uri.file(maps.image(path)));
  const [first] = uris;
  if (first === undefined) return;
  switch (action) {
    case "findSimilar":
      // As the Explorer calls it: the image that was clicked, then all that are selected.
      await vscode.commands.executeCommand(COMMANDS.findSimilar, first, uris.slice(0, MOST_EXAMPLES));
      break;
    case "open":
      await maps.open(first);
      break;
    case "reveal":
      await vscode.commands.executeCommand("revealInExplorer", first);
      break;
    case "copyPaths":
      await vscode.env.clipboard.writeText(uris.map((uri) => uri.fsPath).join("\n"));
      tellInStatusBar(
        uris.length === 1 ? vscode.l10n.t("Path copied") : vscode.l10n.t("{0} paths copied", uris.length),
        3000,
      );
      break;
    case "export":
      await exportSelection(paths, maps);
      break;
    case "label":
      await label(paths, maps);
  }
}

async function exportSelection(paths: readonly string[], maps: ShownMaps): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t("Export the selection"),
    defaultUri: vscode.Uri.file(join(maps.folder, "selection.csv")),
    filters: { CSV: ["csv"], Parquet: ["parquet"], JSON: ["json"] },
  });
  if (target !== undefined) await maps.writeLayout(target, paths);
}

async function label(paths: readonly string[], maps: ShownMaps): Promise<void> {
  const t = vscode.l10n.t;
  const text = await askLine({
    title: paths.length === 1 ? t("Label of {0}", basename(paths[0]!)) : t("Label of {0} images", paths.length),
    prompt: t("It is written into a CSV file with the columns path and label."),
    validateInput: (value) => (value.trim() === "" ? t("Write a label.") : undefined),
    // The maps take the focus when their menu closes: what was typed is not to go with it.
    ignoreFocusOut: true,
  });
  if (text === undefined) return;
  const file = await chooseLabelFile(await maps.tables(), maps.folder);
  if (file === undefined) return;
  const { rows } = await maps.writeLabels(file, paths, text.trim());
  void tell(t("{0} labelled “{1}” in {2}, which has {3} rows now.", paths.length, text.trim(), basename(file), rows));
}

/** One of the label files that are there, `labels.csv`, or another place. */
async function chooseLabelFile(tables: readonly TableSummary[], folder: string): Promise<string | undefined> {
  const t = vscode.l10n.t;
  const usual = join(folder, "labels.csv");
  const known = tables
    .filter(({ file, columns }) => file.toLowerCase().endsWith(".csv") && columns.includes("label"))
    .map(({ file }) => file);
  const files = [...new Set([...known, usual])];
  const items = files.map((file) => ({
    label: relative(folder, file).startsWith("..") ? file : relative(folder, file),
    description: known.includes(file) ? t("brought up to date") : t("new"),
    file,
  }));
  const other = { label: t("Another file..."), description: "", file: undefined };
  const picked = await vscode.window.showQuickPick([...items, other], {
    title: t("File of labels"),
    ignoreFocusOut: true,
  });
  if (picked?.label !== other.label) return picked?.file;
  const target = await vscode.window.showSaveDialog({ title: t("File of labels"), filters: { CSV: ["csv"] } });
  return target?.fsPath;
}

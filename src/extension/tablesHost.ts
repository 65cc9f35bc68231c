import * as vscode from "vscode";
import { TABLE_EXTENSIONS } from "../shared/index.ts";
import type { EngineClient } from "./engine/engineClient.ts";
import type { TablesHost } from "./imageTables.ts";
import { indexSettings } from "./settings.ts";

/** Tables are found by the engine and chosen in VS Code's own dialog. */
export function tablesHost(engine: EngineClient): TablesHost {
  const t = vscode.l10n.t;
  return {
    tables: (folder, under, files) => {
      const beside = vscode.workspace.isTrusted;
      return engine.request("projection/tables", { folder, under, files, beside, ...indexSettings() });
    },
    async ask(folder) {
      const picked = await vscode.window.showOpenDialog({
        title: t("Table with a column of paths"),
        defaultUri: vscode.Uri.file(folder),
        filters: { [t("Tables")]: [...TABLE_EXTENSIONS] },
      });
      return picked?.[0]?.fsPath;
    },
    async askBoxes(folder) {
      const picked = await vscode.window.showOpenDialog({
        title: t("Boxes of objects: a COCO file, or a table with a row per box"),
        defaultUri: vscode.Uri.file(folder),
        filters: { [t("Boxes")]: ["json", ...TABLE_EXTENSIONS] },
      });
      return picked?.[0]?.fsPath;
    },
    texts: {
      unreadable: (file) => t("{0} cannot be read.", file),
      notOffered: (file) =>
        t("{0} is not one of the tables beside these images. Choose it with 'A table...' first.", file),
    },
  };
}

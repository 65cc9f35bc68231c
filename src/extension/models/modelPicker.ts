import * as vscode from "vscode";
import type { InstalledModel } from "../../shared/index.ts";
import { modelItem } from "./modelItems.ts";

/** What a user can do with a model of the list. */
type ModelAction = "use" | "reveal" | "export" | "rename" | "delete";

export type Picked =
  | { readonly action: ModelAction; readonly model: InstalledModel }
  /** A way to another model, by the id of the entry. */
  | { readonly action: "more"; readonly id: string };

/** An entry at the end of the list. */
export interface MoreEntry {
  readonly id: string;
  readonly label: string;
}

interface Entry extends vscode.QuickPickItem {
  readonly choice: Picked | undefined;
}

interface Button extends vscode.QuickInputButton {
  readonly action: ModelAction;
}

/** Shows the installed models, each with what can be done with it. @param inUse as `modelItem` takes it @returns undefined where the user left */
export function pickModel(
  models: readonly InstalledModel[],
  title: string,
  more: readonly MoreEntry[],
  inUse?: string,
): Promise<Picked | undefined> {
  const t = vscode.l10n.t;
  const pick = vscode.window.createQuickPick<Entry>();
  pick.title = title;
  pick.placeholder = t("The model to find similar images with");
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  const entries = models.map((model): Entry => {
    return { ...modelItem(model, t, inUse), buttons: buttonsOf(model), choice: { action: "use", model } };
  });
  pick.items = [
    ...entries,
    { label: "", kind: vscode.QuickPickItemKind.Separator, choice: undefined },
    ...more.map(({ id, label }): Entry => ({ label, alwaysShow: true, choice: { action: "more", id } })),
  ];
  pick.activeItems = entries.filter((_, i) => models[i]?.selected);
  return new Promise((resolve) => {
    const done = (picked: Picked | undefined) => {
      resolve(picked);
      pick.hide();
    };
    pick.onDidAccept(() => done(pick.selectedItems[0]?.choice));
    pick.onDidTriggerItemButton(({ item, button }) => {
      if (item.choice === undefined || item.choice.action === "more") return;
      done({ action: (button as Button).action, model: item.choice.model });
    });
    pick.onDidHide(() => {
      done(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

function buttonsOf({ builtIn, manifest }: InstalledModel): Button[] {
  const t = vscode.l10n.t;
  const button = (action: ModelAction, icon: string, tooltip: string): Button => {
    return { action, iconPath: new vscode.ThemeIcon(icon), tooltip };
  };
  // A file manager of the user's shows only files of the user's own machine.
  const local = vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;
  return [
    ...(local ? [button("reveal", "folder-opened", t("Show the file in the file manager"))] : []),
    ...(manifest === null ? [] : [button("export", "save-as", t("Export..."))]),
    ...(builtIn ? [] : [button("rename", "edit", t("Rename...")), button("delete", "trash", t("Delete"))]),
  ];
}

import * as vscode from "vscode";

/** Every text of the page in the user's language, by its English text. A test holds the list to the page's sources. */
export function followStrings(): Record<string, string> {
  const t = vscode.l10n.t;
  return {
    "Compare descriptors": t("Compare descriptors"),
    "Index folder": t("Index folder"),
    "Look-alikes": t("Look-alikes"),
  };
}

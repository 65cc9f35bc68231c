import * as vscode from "vscode";

/** Every text of the page in the user's language, by its English text. A test holds the list to the page's sources. */
export function followStrings(): Record<string, string> {
  const t = vscode.l10n.t;
  return {
    "By chance": t("By chance"),
    Combined: t("Combined"),
    "Compare descriptors": t("Compare descriptors"),
    "Index folder": t("Index folder"),
    "Look-alikes": t("Look-alikes"),
    "Most alike by": t("Most alike by"),
    "Not more alike than random pairs of the folder, which score up to {0}:": t(
      "Not more alike than random pairs of the folder, which score up to {0}:",
    ),
  };
}

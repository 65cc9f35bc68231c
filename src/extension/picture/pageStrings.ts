import * as vscode from "vscode";

/** Every text of the page in the user's language, by its English text. A test holds the list to the page's sources. */
export function pictureStrings(): Record<string, string> {
  const t = vscode.l10n.t;
  return {
    "{0} pixels": t("{0} pixels"),
    "Actual size": t("Actual size"),
    "Fit to the window": t("Fit to the window"),
    Zoom: t("Zoom"),
    "Zoom in": t("Zoom in"),
    "Zoom out": t("Zoom out"),
  };
}

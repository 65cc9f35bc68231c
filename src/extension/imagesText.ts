import * as vscode from "vscode";

/** A number of images, in words. @param shown the number as it is written */
export function imagesText(count: number, shown: string | number = count): string {
  const t = vscode.l10n.t;
  return count === 1 ? t("1 image") : t("{0} images", shown);
}

import * as vscode from "vscode";

/** Every text of the page in the user's language, by its English text. A test holds the list to the page's sources. */
export function pageStrings(): Record<string, string> {
  const t = vscode.l10n.t;
  return {
    "{0} images": t("{0} images"),
    "{0} images/s": t("{0} images/s"),
    "{0} min left": t("{0} min left"),
    "{0} of {1}": t("{0} of {1}"),
    "{0} s left": t("{0} s left"),
    "{0} skipped": t("{0} skipped"),
    "{0}: rank {1}": t("{0}: rank {1}"),
    "Adapting the model to {0}": t("Adapting the model to {0}"),
    "Also in {0}": t("Also in {0}"),
    Cancel: t("Cancel"),
    "Cancel indexing": t("Cancel indexing"),
    Combined: t("Combined"),
    "Comparing {0} models, each by its combined score": t("Comparing {0} models, each by its combined score"),
    "End comparison": t("End comparison"),
    "Index folder": t("Index folder"),
    "Arranging {0} for search": t("Arranging {0} for search"),
    "Indexing {0}": t("Indexing {0}"),
    "Looking for images": t("Looking for images"),
    "Most alike by {0}": t("Most alike by {0}"),
    "only {0}": t("only {0}"),
    "Only in this list": t("Only in this list"),
    "Query image": t("Query image"),
    Searching: t("Searching"),
    "Show log": t("Show log"),
    "Show more": t("Show more"),
    "Try again": t("Try again"),
  };
}

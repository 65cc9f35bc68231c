import * as vscode from "vscode";

/** Every text of the projections page in the user's language, by its English text. A test holds the list to the page's sources. */
export function projectionsStrings(): Record<string, string> {
  const t = vscode.l10n.t;
  return {
    "{0} images": t("{0} images"),
    "{0} in {1}": t("{0} in {1}"),
    "{0} left out: a vector of theirs is zero or not finite": t(
      "{0} left out: a vector of theirs is zero or not finite",
    ),
    "{0} other folders": t("{0} other folders"),
    "{0} selected": t("{0} selected"),
    "{0}: map of {1} images": t("{0}: map of {1} images"),
    "and {0} more": t("and {0} more"),
    Clear: t("Clear"),
    Combined: t("Combined"),
    "Find similar": t("Find similar"),
    "Finding neighbours": t("Finding neighbours"),
    Folders: t("Folders"),
    "Index folder": t("Index folder"),
    "Indexing images": t("Indexing images"),
    "Laying out maps": t("Laying out maps"),
    "Make the maps": t("Make the maps"),
    "Manage workspace trust": t("Manage workspace trust"),
    Map: t("Map"),
    "Measuring maps": t("Measuring maps"),
    "One other folder": t("One other folder"),
    "Opening the index": t("Opening the index"),
    "Press {0} to enlarge this map, and again to see all": t("Press {0} to enlarge this map, and again to see all"),
    "Reading the index": t("Reading the index"),
    "Select the images of {0}": t("Select the images of {0}"),
    Selection: t("Selection"),
    "Shift-drag in a map selects images, a click selects one. Wheel zooms, drag pans, F shows all, Esc clears.": t(
      "Shift-drag in a map selects images, a click selects one. Wheel zooms, drag pans, F shows all, Esc clears.",
    ),
    "Show log": t("Show log"),
    Stop: t("Stop"),
    "Trustworthiness {0}: 1 where images that are near here are alike for the descriptor. Neighbour preservation {1}: share of the most alike images that are near here.":
      t(
        "Trustworthiness {0}: 1 where images that are near here are alike for the descriptor. Neighbour preservation {1}: share of the most alike images that are near here.",
      ),
    "Try again": t("Try again"),
  };
}

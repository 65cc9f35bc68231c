import * as vscode from "vscode";

/** Every text of the page in the user's language, by its English text. A test holds the list to the page's sources. */
export function reviewStrings(): Record<string, string> {
  const t = vscode.l10n.t;
  return {
    "{0} files are links to other ones, and no copies": t("{0} files are links to other ones, and no copies"),
    "{0} files could not be checked": t("{0} files could not be checked"),
    "{0} groups would be gone altogether": t("{0} groups would be gone altogether"),
    "One group, one copy too many": t("One group, one copy too many"),
    "One group, {0} copies too many": t("One group, {0} copies too many"),
    "There is one image only.": t("There is one image only."),
    "{0} groups, {1} copies too many": t("{0} groups, {1} copies too many"),
    "{0} images": t("{0} images"),
    "{0} of {1}": t("{0} of {1}"),
    "{0} of {1} images have neighbours that mostly carry another label.": t(
      "{0} of {1} images have neighbours that mostly carry another label.",
    ),
    "One of {0} images has neighbours that mostly carry another label.": t(
      "One of {0} images has neighbours that mostly carry another label.",
    ),
    "Images of {0} whose neighbours in {1} mostly carry another label: {2}": t(
      "Images of {0} whose neighbours in {1} mostly carry another label: {2}",
    ),
    "No image of {0} is in {1} a second time.": t("No image of {0} is in {1} a second time."),
    "No label in {0} is contradicted by its neighbours; looked for among the {1} images of {2}.": t(
      "No label in {0} is contradicted by its neighbours; looked for among the {1} images of {2}.",
    ),
    "{0} selected, {1}": t("{0} selected, {1}"),
    "{0}: a link to {1}": t("{0}: a link to {1}"),
    "A labels file...": t("A labels file..."),
    "A table...": t("A table..."),
    Actions: t("Actions"),
    Cancel: t("Cancel"),
    Confidence: t("Confidence"),
    Contradictions: t("Contradictions"),
    Duplicates: t("Duplicates"),
    "Duplicates in {0}": t("Duplicates in {0}"),
    "Find similar": t("Find similar"),
    "Find similar to {0}": t("Find similar to {0}"),
    Folder: t("Folder"),
    from: t("from"),
    Image: t("Image"),
    "Images of labels too small to be judged by their neighbours: {0}": t(
      "Images of labels too small to be judged by their neighbours: {0}",
    ),
    "Keep one of each": t("Keep one of each"),
    "Keep the first": t("Keep the first"),
    Label: t("Label"),
    "Labels from": t("Labels from"),
    "Move to trash...": t("Move to trash..."),
    "Moves them into a folder beside this one, from which all can be taken back": t(
      "Moves them into a folder beside this one, from which all can be taken back",
    ),
    "Put away...": t("Put away..."),
    "Save list...": t("Save list..."),
    "Neighbours say": t("Neighbours say"),
    "No label of {0} images is contradicted by its neighbours; there are {1} labels.": t(
      "No label of {0} images is contradicted by its neighbours; there are {1} labels.",
    ),
    "None of the {0} images is there twice.": t("None of the {0} images is there twice."),
    "One file could not be checked": t("One file could not be checked"),
    "One file is a link to another one, and no copy": t("One file is a link to another one, and no copy"),
    "One group would be gone altogether": t("One group would be gone altogether"),
    "Open {0}": t("Open {0}"),
    "One of the pictures is so small or so coarse that it may hide what differs. None of them is counted or selected; look at them before you do.":
      t(
        "One of the pictures is so small or so coarse that it may hide what differs. None of them is counted or selected; look at them before you do.",
      ),
    "perhaps the same picture": t("perhaps the same picture"),
    "Perhaps the same: {0}": t("Perhaps the same: {0}"),
    Picture: t("Picture"),
    Reveal: t("Reveal"),
    "Reveal {0} in the Explorer": t("Reveal {0} in the Explorer"),
    "same bytes": t("same bytes"),
    "Select none": t("Select none"),
    "Select {0}": t("Select {0}"),
    "Share of the descriptors whose neighbours agree, times the share of the votes": t(
      "Share of the descriptors whose neighbours agree, times the share of the votes",
    ),
    "Enter password...": t("Enter password..."),
    "Manage workspace trust": t("Manage workspace trust"),
    "Show log": t("Show log"),
    "Suspicious labels in {0}": t("Suspicious labels in {0}"),
    "The label is the folder": t("The label is the folder"),
    "the larger or finer one": t("the larger or finer one"),
    "the same bytes": t("the same bytes"),
    "the same picture": t("the same picture"),
    "The same picture under different labels: {0}": t("The same picture under different labels: {0}"),
    "to keep": t("to keep"),
    "Try again": t("Try again"),
  };
}

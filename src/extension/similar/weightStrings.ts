import * as vscode from "vscode";

/** Texts of the similar page on weights and marks, by their English text. */
export function weightStrings(): Record<string, string> {
  const t = vscode.l10n.t;
  return {
    "How much of each colour there is, without a network (histogram in CIE Lab)": t(
      "How much of each colour there is, without a network (histogram in CIE Lab)",
    ),
    "Which way edges run, and where, without a network (histograms of oriented gradients)": t(
      "Which way edges run, and where, without a network (histograms of oriented gradients)",
    ),
    "Suggested without labels, by whether clusters are seen more clearly with each": t(
      "Suggested without labels, by whether clusters are seen more clearly with each",
    ),
    "All descriptors count the same": t("All descriptors count the same"),
    "All descriptors count the same, as was asked for": t("All descriptors count the same, as was asked for"),
    "All descriptors count the same: other weights gained nothing beyond their standard error": t(
      "All descriptors count the same: other weights gained nothing beyond their standard error",
    ),
    "All descriptors count the same: there are fewer than 8 classes of 4 images": t(
      "All descriptors count the same: there are fewer than 8 classes of 4 images",
    ),
    "All descriptors count the same: without labels nothing says which of them finds more": t(
      "All descriptors count the same: without labels nothing says which of them finds more",
    ),
    "average precision {0} ± {1} points over {2} queries, each left out of the choice": t(
      "average precision {0} ± {1} points over {2} queries, each left out of the choice",
    ),
    "Belongs (Y)": t("Belongs (Y)"),
    "By marks...": t("By marks..."),
    "Cannot tell (S)": t("Cannot tell (S)"),
    "Chooses weights by the names of folders, or says why it cannot": t(
      "Chooses weights by the names of folders, or says why it cannot",
    ),
    "Choosing weights": t("Choosing weights"),
    "Do they belong together?": t("Do they belong together?"),
    "Does not (N)": t("Does not (N)"),
    Enough: t("Enough"),
    Equal: t("Equal"),
    "here MAP@R {0} ± {1}": t("here MAP@R {0} ± {1}"),
    "Keep equal": t("Keep equal"),
    "Looking for images to ask about": t("Looking for images to ask about"),
    "MAP@R {0} ± {1} points on {2} classes, chosen on {3} others": t(
      "MAP@R {0} ± {1} points on {2} classes, chosen on {3} others",
    ),
    Marks: t("Marks"),
    "Over {0} images with a label; MAP@R without it is {1} %.": t(
      "Over {0} images with a label; MAP@R without it is {1} %.",
    ),
    "Some 30 pairs of images, each answered with one key, choose the weights": t(
      "Some 30 pairs of images, each answered with one key, choose the weights",
    ),
    Suggest: t("Suggest"),
    "Suggested by a table of labels": t("Suggested by a table of labels"),
    "Suggested by marks": t("Suggested by marks"),
    "Suggested by the names of folders": t("Suggested by the names of folders"),
    Suggested: t("Suggested"),
    "There are fewer than 20 marks, or fewer than 4 queries with marks of both kinds: mark some more": t(
      "There are fewer than 20 marks, or fewer than 4 queries with marks of both kinds: mark some more",
    ),
    "There are too few images to ask about.": t("There are too few images to ask about."),
    "There is one descriptor": t("There is one descriptor"),
    "This index has no suggested weights yet.": t("This index has no suggested weights yet."),
  };
}

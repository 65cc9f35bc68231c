import * as vscode from "vscode";

/** The texts of what an ablation compares, its plan and its tables, by their English text. */
export function ablationStrings(): Record<string, string> {
  const t = vscode.l10n.t;
  return {
    Plan: t("Plan"),
    "Trainings: {0}": t("Trainings: {0}"),
    "Trainings: {0}, about {1}": t("Trainings: {0}, about {1}"),
    "Every combination of what is chosen.": t("Every combination of what is chosen."),
    "One factor changes at a time; the others stay as in the richest setting that is chosen.": t(
      "One factor changes at a time; the others stay as in the richest setting that is chosen.",
    ),
    "Each training is measured on classes that it never saw. No model is installed.": t(
      "Each training is measured on classes that it never saw. No model is installed.",
    ),
    "All trainings": t("All trainings"),
    "{0}, seed {1}": t("{0}, seed {1}"),
    "{0}: the same training as {1}": t("{0}: the same training as {1}"),
    "Figures show here as soon as the first training is done.": t(
      "Figures show here as soon as the first training is done.",
    ),
    "Per cent, on held-out images; mean and standard deviation over the seeds that are done.": t(
      "Per cent, on held-out images; mean and standard deviation over the seeds that are done.",
    ),
    Setting: t("Setting"),
    "Combined by": t("Combined by"),
    Seeds: t("Seeds"),
    "What to compare": t("What to compare"),
    "Trainings of each setting, each with other held-out classes. A difference within their spread is chance.": t(
      "Trainings of each setting, each with other held-out classes. A difference within their spread is chance.",
    ),
    "Every combination, instead of one factor at a time": t("Every combination, instead of one factor at a time"),
    "Descriptors, in order: the first one feeds the classifier": t(
      "Descriptors, in order: the first one feeds the classifier",
    ),
    ranking: t("ranking"),
    "ranking and classification": t("ranking and classification"),
    "Tricks of the classification loss": t("Tricks of the classification loss"),
    "label smoothing": t("label smoothing"),
    temperature: t("temperature"),
    both: t("both"),
    "How branches are combined": t("How branches are combined"),
    "side by side": t("side by side"),
    "added up (measured only)": t("added up (measured only)"),
    "{0}, the best epoch of each training": t("{0}, the best epoch of each training"),
    "{0}, after the last step": t("{0}, after the last step"),
    "All combinations": t("All combinations"),
    "Descriptors, in order ({0}, {1})": t("Descriptors, in order ({0}, {1})"),
    "Losses ({0})": t("Losses ({0})"),
    "Label smoothing (ls) and temperature scaling (ts) of the classification loss ({0})": t(
      "Label smoothing (ls) and temperature scaling (ts) of the classification loss ({0})",
    ),
  };
}

import { basename } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import { TRAINING_DEFAULTS, TRAINING_MODES, type TrainingMode } from "../../shared/index.ts";
import { pickRoot } from "../roots.ts";
import type { Services } from "../services.ts";
import type { RunSummary } from "./trainingRuns.ts";
import { pickFolder, pickLabels, rootOf } from "./trainingSource.ts";

const RunSchema = v.object({ run: v.string() });

interface Source {
  readonly folder: string;
  readonly labels: string | null;
}

type Item<T> = vscode.QuickPickItem & { readonly value: T };

/**
 * Asks what to train on and what to train, then opens the training panel, where everything else is chosen.
 * @param args the folder that was right-clicked, or `{ run }` for a run that is there
 */
export async function trainModel({ training }: Services, [arg]: unknown[]): Promise<void> {
  const shown = v.safeParse(RunSchema, arg);
  if (shown.success) return training.showRun(shown.output.run);
  const t = vscode.l10n.t;
  const clicked = arg instanceof vscode.Uri ? arg.fsPath : undefined;
  const root = clicked === undefined ? await pickRoot() : (rootOf(clicked) ?? clicked);
  if (root === undefined) throw new Error(t("No folder is open. Open a folder of images first."));
  const source =
    clicked === undefined ? await pickSource(root, await training.runs.list()) : { folder: clicked, labels: null };
  if (source === undefined) return;
  if (typeof source === "string") return training.showRun(source);
  const mode = await pickMode(clicked === undefined);
  if (mode === undefined) return;
  training.show(root, { ...TRAINING_DEFAULTS, ...source, mode });
}

/** @returns what to train on, or the id of a run that is there already */
async function pickSource(root: string, runs: readonly RunSummary[]): Promise<Source | string | undefined> {
  const t = vscode.l10n.t;
  const items: Item<"folders" | "labels" | "other" | RunSummary>[] = [
    {
      label: `$(folder) ${t("Folders of {0}", basename(root))}`,
      detail: t("Each folder is a class."),
      value: "folders",
    },
    {
      label: `$(list-unordered) ${t("A labels file...")}`,
      detail: t("A CSV with the columns path, label and, if you like, split; paths relative to {0}.", basename(root)),
      value: "labels",
    },
    {
      label: `$(folder-opened) ${t("Another folder...")}`,
      detail: t("Each of its folders is a class."),
      value: "other",
    },
  ];
  const there = runs.filter(({ alive, interrupted }) => alive || interrupted);
  const separator = { label: t("There already"), kind: vscode.QuickPickItemKind.Separator, value: "folders" as const };
  if (there.length > 0) items.push(separator);
  for (const run of there) {
    const started = new Date(run.info.started).toLocaleString(vscode.env.language);
    const name = basename(run.info.options.folder);
    items.push({
      label: run.alive
        ? `$(sync) ${t("Show the training on {0}", name)}`
        : `$(debug-continue) ${t("Show the interrupted training on {0}", name)}`,
      detail: run.alive ? t("Under way since {0}", started) : t("Started {0}; it can be resumed", started),
      value: run,
    });
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: t("Train model (1/2)"),
    placeHolder: t("What to train on"),
  });
  if (picked === undefined) return undefined;
  switch (picked.value) {
    case "folders":
      return { folder: root, labels: null };
    case "labels": {
      const labels = await pickLabels(root);
      return labels === undefined ? undefined : { folder: root, labels };
    }
    case "other": {
      const folder = await pickFolder(root);
      return folder === undefined ? undefined : { folder, labels: null };
    }
    default:
      return picked.value.id;
  }
}

async function pickMode(second: boolean): Promise<TrainingMode | undefined> {
  const t = vscode.l10n.t;
  const texts: Readonly<Record<TrainingMode, readonly [string, string, string]>> = {
    whiten: [
      t("Adapt without labels"),
      t("seconds"),
      t("Whitens each branch for these images. Labels only measure what it brings."),
    ],
    head: [
      t("Head"),
      t("about a minute"),
      t("Trains the FC of every branch and an auxiliary classifier; the backbone stays as it is."),
    ],
    full: [
      t("Full"),
      t("long without a GPU"),
      t("Trains the whole network end to end, or its last stages, as the paper does."),
    ],
  };
  const items = TRAINING_MODES.map((mode): Item<TrainingMode> => {
    const [label, description, detail] = texts[mode];
    return { label, description, detail, value: mode };
  });
  // The one that is right most often comes first.
  items.sort((a, b) => Number(b.value === TRAINING_DEFAULTS.mode) - Number(a.value === TRAINING_DEFAULTS.mode));
  const title = second ? t("Train model (2/2)") : t("Train model");
  return (await vscode.window.showQuickPick(items, { title, placeHolder: t("What to train") }))?.value;
}

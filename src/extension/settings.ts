import * as vscode from "vscode";
import { DEVICE_CHOICES, type DeviceChoice, type FileFilter, FORM_CHOICES, type FormChoice } from "../shared/index.ts";
import { SETTINGS } from "./ids.ts";

/** The device that the user asks for; what is no device counts as `auto`. */
export function deviceChoice(): DeviceChoice {
  const device = vscode.workspace.getConfiguration(SETTINGS.section).get<string>(SETTINGS.device, "auto");
  return DEVICE_CHOICES.find((choice) => choice === device) ?? "auto";
}

/** What every request on a folder carries of the settings; what is left to the engine is absent. */
export function indexSettings(): {
  device: DeviceChoice;
  location?: string;
  adapt: boolean;
  form: FormChoice;
  thumbnailLimit: number;
  decodeSeconds: number;
  refresh: number;
  memory?: number;
} {
  const settings = vscode.workspace.getConfiguration(SETTINGS.section);
  const location = settings.get<string>(SETTINGS.indexLocation, "").trim();
  const adapt = settings.get<string>(SETTINGS.modelAdapt, "auto") !== "off";
  const memory = settings.get<number>(SETTINGS.searchMemory, 0);
  return {
    device: deviceChoice(),
    ...(location === "" ? {} : { location }),
    adapt,
    form: FORM_CHOICES.find((choice) => choice === settings.get<string>(SETTINGS.modelForm, "auto")) ?? "auto",
    thumbnailLimit: Math.max(8, settings.get<number>(SETTINGS.indexThumbnails, 256)) * 1_000_000,
    decodeSeconds: Math.min(3600, Math.max(1, settings.get<number>(SETTINGS.decodeSeconds, 10))),
    refresh: Math.min(3600, Math.max(0, settings.get<number>(SETTINGS.indexRefresh, 10))),
    ...(memory > 0 ? { memory } : {}),
  };
}

/**
 * Whether a second network, and branches that need none, may join the model where it is adapted to the folder; absent: as it is in its
 * index.
 */
export function whoMayJoin(folder: string): { readonly second?: boolean; readonly handcrafted?: boolean } {
  const settings = vscode.workspace.getConfiguration(SETTINGS.section, vscode.Uri.file(folder));
  const choice = (key: string) => {
    const chosen = settings.get<string>(key, "auto");
    return chosen === "on" ? true : chosen === "off" ? false : undefined;
  };
  const [second, handcrafted] = [choice(SETTINGS.modelSecond), choice(SETTINGS.modelHandcrafted)];
  return { ...(second === undefined ? {} : { second }), ...(handcrafted === undefined ? {} : { handcrafted }) };
}

/** Which files of a folder are indexed: the settings on indexes, and what the Explorer hides by `files.exclude`. */
export function fileFilter(folder: string): FileFilter {
  const scope = vscode.Uri.file(folder);
  const settings = vscode.workspace.getConfiguration(SETTINGS.section, scope);
  const hidden = vscode.workspace.getConfiguration("files", scope).get<Record<string, unknown>>("exclude", {});
  return {
    include: globs(settings.get(SETTINGS.indexInclude)),
    // A condition on sibling files (`when`) is about sources and what is made of them, not about images.
    exclude: [
      ...globs(settings.get(SETTINGS.indexExclude)),
      ...Object.keys(hidden).filter((glob) => hidden[glob] === true),
    ],
    gitignore: settings.get<boolean>(SETTINGS.indexGitignore, false),
    shadows: settings.get<boolean>(SETTINGS.indexShadows, false),
    wholeOnly: !settings.get<boolean>(SETTINGS.indexReadInPart, true),
  };
}

/** Whether a run on a database stores thumbnails there. */
export function sharesThumbnails(): boolean {
  return vscode.workspace.getConfiguration(SETTINGS.section).get<boolean>(SETTINGS.indexShareThumbnails, false);
}

/** Whether the index of a folder follows its files by itself. */
export function isWatched(folder: string): boolean {
  const settings = vscode.workspace.getConfiguration(SETTINGS.section, vscode.Uri.file(folder));
  return settings.get<boolean>(SETTINGS.indexWatch, true);
}

function globs(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((glob) => typeof glob === "string") : [];
}

/** Length of each ranked list. */
export function similarCount(): number {
  const count = vscode.workspace.getConfiguration(SETTINGS.section).get<number>(SETTINGS.similarCount, 50);
  return Math.min(500, Math.max(5, Math.round(count)));
}

/** Whether a training goes on when the window that started it is closed. */
export function trainingOutlivesWindow(): boolean {
  return vscode.workspace.getConfiguration(SETTINGS.section).get<boolean>(SETTINGS.trainingOutlives, true);
}

/** Whether paths that a spreadsheet would take for formulas are marked as text in the CSV files that are written. */
export function guardsFormulas(): boolean {
  return vscode.workspace.getConfiguration(SETTINGS.section).get<boolean>(SETTINGS.exportGuard, false);
}

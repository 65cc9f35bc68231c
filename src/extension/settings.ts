import * as vscode from "vscode";
import { DEVICE_CHOICES, type DeviceChoice, type FileFilter, FORM_CHOICES, type FormChoice } from "../shared/index.ts";
import { SETTINGS } from "./ids.ts";
import { ask } from "./messages.ts";
import { SettingValues, type WrongSetting } from "./settingValues.ts";

/** @param folder whose own settings count; those of the window where absent */
function settingsOf(folder?: string): SettingValues {
  const scope = folder === undefined ? undefined : vscode.Uri.file(folder);
  const settings = vscode.workspace.getConfiguration(SETTINGS.section, scope);
  return new SettingValues(SETTINGS.section, (key) => settings.get(key), tellWrong);
}

/** Settings are read with each request, and a wrong one is told once. */
const told = new Set<string>();

function tellWrong({ name, value, wanted, used }: WrongSetting): void {
  const t = vscode.l10n.t;
  const given = (typeof value === "number" ? String(value) : JSON.stringify(value)).slice(0, 200);
  const key = `${name} ${given}`;
  if (told.has(key)) return;
  told.add(key);
  const right = {
    text: () => t("a text"),
    truth: () => t("true or false"),
    list: () => t("a list of texts"),
    number: () => (wanted.kind === "number" ? t("a number from {0} to {1}", wanted.least, wanted.most) : ""),
    choice: () => (wanted.kind === "choice" ? t("one of {0}", wanted.choices.join(", ")) : ""),
  }[wanted.kind]();
  const open = t("Open Settings");
  const text = t("The setting {0} is {1}, not {2}. {3} is used.", name, given, right, JSON.stringify(used));
  void ask(text, open).then((answer) => {
    if (answer === open) void vscode.commands.executeCommand("workbench.action.openSettings", name);
  });
}

/** The device that the user asks for; what is no device counts as `auto`. */
export function deviceChoice(): DeviceChoice {
  return settingsOf().choice(SETTINGS.device, DEVICE_CHOICES, "auto");
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
  const settings = settingsOf();
  const location = settings.text(SETTINGS.indexLocation);
  const memory = settings.number(SETTINGS.searchMemory, 0, 0, Number.MAX_SAFE_INTEGER);
  return {
    device: deviceChoice(),
    ...(location === "" ? {} : { location }),
    adapt: adapts(),
    form: settings.choice(SETTINGS.modelForm, FORM_CHOICES, "auto"),
    thumbnailLimit: settings.number(SETTINGS.indexThumbnails, 256, 8, 10_240) * 1_000_000,
    decodeSeconds: settings.number(SETTINGS.decodeSeconds, 10, 1, 3600),
    refresh: settings.number(SETTINGS.indexRefresh, 10, 0, 3600),
    ...(memory > 0 ? { memory } : {}),
  };
}

/** Whether a model is adapted to its folder unasked. */
export function adapts(): boolean {
  return settingsOf().choice(SETTINGS.modelAdapt, ["auto", "off"], "auto") === "auto";
}

/**
 * Whether a second network, and branches that need none, may join the model where it is adapted to the folder; absent: as it is in its
 * index.
 */
export function whoMayJoin(folder: string): { readonly second?: boolean; readonly handcrafted?: boolean } {
  const settings = settingsOf(folder);
  const choice = (key: string) => {
    const chosen = settings.choice(key, ["auto", "on", "off"], "auto");
    return chosen === "on" ? true : chosen === "off" ? false : undefined;
  };
  const [second, handcrafted] = [choice(SETTINGS.modelSecond), choice(SETTINGS.modelHandcrafted)];
  return { ...(second === undefined ? {} : { second }), ...(handcrafted === undefined ? {} : { handcrafted }) };
}

/** Which files of a folder are indexed: the settings on indexes, and what the Explorer hides by `files.exclude`. */
export function fileFilter(folder: string): FileFilter {
  const settings = settingsOf(folder);
  // VS Code's own, and it says itself what is wrong with it.
  const hidden: unknown = vscode.workspace.getConfiguration("files", vscode.Uri.file(folder)).get("exclude");
  const globs = typeof hidden === "object" && hidden !== null ? Object.entries(hidden) : [];
  return {
    include: settings.list(SETTINGS.indexInclude),
    // A condition on sibling files (`when`) is about sources and what is made of them, not about images.
    exclude: [...settings.list(SETTINGS.indexExclude), ...globs.flatMap(([glob, on]) => (on === true ? [glob] : []))],
    gitignore: settings.truth(SETTINGS.indexGitignore, false),
    shadows: settings.truth(SETTINGS.indexShadows, false),
    wholeOnly: !settings.truth(SETTINGS.indexReadInPart, true),
  };
}

/** Whether a run on a database stores thumbnails there. */
export function sharesThumbnails(): boolean {
  return settingsOf().truth(SETTINGS.indexShareThumbnails, false);
}

/** Whether the index of a folder follows its files by itself. */
export function isWatched(folder: string): boolean {
  return settingsOf(folder).truth(SETTINGS.indexWatch, true);
}

/** Length of each ranked list. */
export function similarCount(): number {
  return Math.round(settingsOf().number(SETTINGS.similarCount, 50, 5, 500));
}

/** Whether a training goes on when the window that started it is closed. */
export function trainingOutlivesWindow(): boolean {
  return settingsOf().truth(SETTINGS.trainingOutlives, true);
}

/** The Python whose torch trains; empty where none is named. */
export function trainingPython(): string {
  return settingsOf().text(SETTINGS.trainingPython);
}

/** Whether paths that a spreadsheet would take for formulas are marked as text in the CSV files that are written. */
export function guardsFormulas(): boolean {
  return settingsOf().truth(SETTINGS.exportGuard, false);
}

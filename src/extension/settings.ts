import * as vscode from "vscode";
import { SETTINGS } from "./ids.ts";

/** What every request on a folder carries of the settings: the place of indexes (absent where empty), and adaptation. */
export function indexSettings(): { location?: string; adapt: boolean } {
  const settings = vscode.workspace.getConfiguration(SETTINGS.section);
  const location = settings.get<string>(SETTINGS.indexLocation, "").trim();
  const adapt = settings.get<string>(SETTINGS.modelAdapt, "auto") !== "off";
  return location === "" ? { adapt } : { location, adapt };
}

/** Length of each ranked list. */
export function similarCount(): number {
  const count = vscode.workspace.getConfiguration(SETTINGS.section).get<number>(SETTINGS.similarCount, 50);
  return Math.min(500, Math.max(5, Math.round(count)));
}

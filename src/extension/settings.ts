import * as vscode from "vscode";
import { SETTINGS } from "./ids.ts";

/** The place of indexes as the engine's parameters have it: absent where the setting is empty. */
export function indexLocation(): { location?: string } {
  const location = vscode.workspace.getConfiguration(SETTINGS.section).get<string>(SETTINGS.indexLocation, "").trim();
  return location === "" ? {} : { location };
}

/** Length of each ranked list. */
export function similarCount(): number {
  const count = vscode.workspace.getConfiguration(SETTINGS.section).get<number>(SETTINGS.similarCount, 50);
  return Math.min(500, Math.max(5, Math.round(count)));
}

import * as vscode from "vscode";
import { DEVICE_CHOICES, type DeviceChoice } from "../shared/index.ts";
import { SETTINGS } from "./ids.ts";

/** The device that the user asks for; what is no device counts as `auto`. */
export function deviceChoice(): DeviceChoice {
  const device = vscode.workspace.getConfiguration(SETTINGS.section).get<string>(SETTINGS.device, "auto");
  return DEVICE_CHOICES.find((choice) => choice === device) ?? "auto";
}

/** What every request on a folder carries of the settings; what is left to the engine is absent. */
export function indexSettings(): { device: DeviceChoice; location?: string; adapt: boolean; memory?: number } {
  const settings = vscode.workspace.getConfiguration(SETTINGS.section);
  const location = settings.get<string>(SETTINGS.indexLocation, "").trim();
  const adapt = settings.get<string>(SETTINGS.modelAdapt, "auto") !== "off";
  const memory = settings.get<number>(SETTINGS.searchMemory, 0);
  return {
    device: deviceChoice(),
    ...(location === "" ? {} : { location }),
    adapt,
    ...(memory > 0 ? { memory } : {}),
  };
}

/** Length of each ranked list. */
export function similarCount(): number {
  const count = vscode.workspace.getConfiguration(SETTINGS.section).get<number>(SETTINGS.similarCount, 50);
  return Math.min(500, Math.max(5, Math.round(count)));
}

import * as vscode from "vscode";
import { DEVICE_CHOICES, type DeviceChoice } from "../shared/index.ts";
import { SETTINGS } from "./ids.ts";

/** The device that the user asks for; what is no device counts as `auto`. */
export function deviceChoice(): DeviceChoice {
  const device = vscode.workspace.getConfiguration(SETTINGS.section).get<string>(SETTINGS.device, "auto");
  return DEVICE_CHOICES.find((choice) => choice === device) ?? "auto";
}

/** Device and place of indexes as the engine's parameters have them. */
export function engineSettings(): { device: DeviceChoice; location?: string } {
  return { device: deviceChoice(), ...indexLocation() };
}

/** The place of indexes as the engine's parameters have it: absent where the setting is empty. */
function indexLocation(): { location?: string } {
  const location = vscode.workspace.getConfiguration(SETTINGS.section).get<string>(SETTINGS.indexLocation, "").trim();
  return location === "" ? {} : { location };
}

/** Length of each ranked list. */
export function similarCount(): number {
  const count = vscode.workspace.getConfiguration(SETTINGS.section).get<number>(SETTINGS.similarCount, 50);
  return Math.min(500, Math.max(5, Math.round(count)));
}

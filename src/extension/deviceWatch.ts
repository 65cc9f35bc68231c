import * as vscode from "vscode";
import { type FolderStatus, isFallback } from "../shared/index.ts";
import type { EngineClient } from "./engine/engineClient.ts";
import { offerLog } from "./failures.ts";
import { SETTINGS } from "./ids.ts";
import type { IndexRuns } from "./indexRuns.ts";
import { tellInStatusBar } from "./messages.ts";
import { deviceChoice } from "./settings.ts";

interface DeviceParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
  readonly runs: IndexRuns;
}

/** What the user was told last about a device that cannot be used; kept over windows and restarts. */
const TOLD = "device.told";

/** Brings a change of the device setting to the engine, and says once where the device cannot be used. */
export class DeviceWatch implements vscode.Disposable {
  readonly #parts: DeviceParts;
  readonly #disposables: vscode.Disposable[];
  #device = deviceChoice();

  constructor(parts: DeviceParts) {
    this.#parts = parts;
    this.#disposables = [
      parts.runs.onStatus((status) => this.report(status)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${SETTINGS.section}.${SETTINGS.device}`)) this.#change();
      }),
    ];
  }

  /** To be called with each status that the engine gives. */
  report({ deviceReport: report }: FolderStatus): void {
    const { context, log } = this.#parts;
    const told = isFallback(report) ? `${report.asked}: ${report.reason}` : "";
    if (told === context.globalState.get(TOLD, "")) return;
    // Forgotten as soon as the device works or another is asked for: then it is news again.
    void context.globalState.update(TOLD, told);
    if (told === "") return;
    const text = vscode.l10n.t(
      "The device {0} cannot be used, so the model runs on {1}. Reason: {2}.",
      report.asked.toUpperCase(),
      report.used.toUpperCase(),
      report.reason ?? "",
    );
    log.warn(text);
    void offerLog(log, text, "information");
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #change(): void {
    const device = deviceChoice();
    if (device === this.#device) return;
    this.#device = device;
    const { engine, runs, log } = this.#parts;
    if (engine.pid === undefined) return;
    // A model is on a device for the life of a process, and so is the memory that it takes there. What was indexed is kept.
    runs.cancel();
    engine.restart();
    const text = vscode.l10n.t("The device is now {0}: the engine starts again.", device.toUpperCase());
    log.info(text);
    tellInStatusBar(`Lookalike: ${text}`);
  }
}

import { basename } from "node:path";
import * as vscode from "vscode";
import { type FolderStatus, isFallback } from "../shared/index.ts";
import { COMMANDS } from "./ids.ts";
import { imagesText } from "./imagesText.ts";

/** Number of images, device and busy state of the folder that was used last; hidden until one was. */
export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("lookalike.status", vscode.StatusBarAlignment.Left, 0);

  /** That it shows. */
  #folder: string | undefined;

  constructor() {
    this.#item.name = "Lookalike";
    this.#item.command = COMMANDS.showLog;
  }

  get text(): string {
    return this.#item.text;
  }

  show({ folder, indexed, skipped, device, deviceReport, model, location, progress, byOthers }: FolderStatus): void {
    const t = vscode.l10n.t;
    // What others do with another folder is none that was used last.
    if (byOthers && folder !== this.#folder) return;
    this.#folder = folder;
    const images = imagesText(indexed, indexed.toLocaleString(vscode.env.language));
    // A mark where another device was asked for; the tooltip says why it is not used.
    const device_ = `${device.toUpperCase()}${isFallback(deviceReport) ? " $(warning)" : ""}`;
    if (progress === null) this.#item.text = `$(search-fuzzy) ${images} · ${device_}`;
    else if (progress.phase === "waiting") this.#item.text = `$(sync~spin) ${t("Another process indexes this folder")}`;
    else if (progress.total === 0) this.#item.text = `$(sync~spin) ${t("Looking for images")}`;
    else {
      const percent = `${Math.floor((100 * progress.done) / progress.total)} %`;
      const phase =
        progress.phase === "arranging"
          ? t("arranging for search {0}", percent)
          : progress.phase === "sharing"
            ? t("storing thumbnails {0}", percent)
            : percent;
      const work = progress.phase === "adapting" ? t("adapting the model {0}", percent) : phase;
      this.#item.text = `$(sync~spin) ${work} · ${images} · ${device_}`;
    }
    const lines = [
      `Lookalike: ${basename(folder)}`,
      t("{0} indexed", images),
      skipped === 0
        ? ""
        : skipped === 1
          ? t("1 file skipped; the log names it")
          : t("{0} files skipped; the log names them", skipped),
      t("Model {0} on {1}", model.name, device.toUpperCase()),
      isFallback(deviceReport)
        ? t("{0} was asked for, but cannot be used: {1}", deviceReport.asked.toUpperCase(), deviceReport.reason ?? "")
        : (deviceReport.reason ?? ""),
      t("Index: {0}", location),
    ];
    this.#item.tooltip = lines.filter((line) => line !== "").join("\n");
    this.#item.accessibilityInformation = { label: lines.slice(0, 3).join(", ") };
    this.#item.show();
  }

  /** What it showed is no more. */
  hide(): void {
    this.#folder = undefined;
    this.#item.hide();
  }

  dispose(): void {
    this.#item.dispose();
  }
}

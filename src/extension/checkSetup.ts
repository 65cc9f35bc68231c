import * as vscode from "vscode";
import { describeSetup } from "../shared/index.ts";
import { offerLog } from "./failures.ts";
import type { Services } from "./services.ts";
import { indexSettings } from "./settings.ts";

/** `Lookalike: Check Set-up`: the whole report goes to the log, the verdict to the user. */
export async function checkSetup({ engine, log, runs }: Services): Promise<void> {
  const t = vscode.l10n.t;
  // Who asks wants a fresh look, not the memory of what went wrong before.
  engine.forgive();
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file")?.uri.fsPath;
  const report = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: t("Checking the set-up of Lookalike") },
    () =>
      engine.request("setup/check", { ...indexSettings(), fresh: true, ...(folder === undefined ? {} : { folder }) }),
  );
  // A model stays on its device while the engine runs; a new engine takes the one that was found now.
  if (!runs.isRunning()) engine.restart();
  log.info(`Set-up:\n${describeSetup(report)}`);
  const [problem, ...more] = report.problems;
  if (problem === undefined) {
    const device = report.device?.used.toUpperCase() ?? "";
    await offerLog(log, t("Everything works. The model runs on {0}.", device), "information");
  } else {
    await offerLog(log, more.length === 0 ? problem : t("{0} And {1} more; see the log.", problem, more.length));
  }
}

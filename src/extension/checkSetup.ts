import * as vscode from "vscode";
import { describeSetup } from "../shared/index.ts";
import { offerLog } from "./failures.ts";
import type { Services } from "./services.ts";
import { indexSettings } from "./settings.ts";

/** `Lookalike: Check Set-up`: the whole report goes to the log, the verdict to the user. */
export async function checkSetup({ engine, log }: Services): Promise<void> {
  const t = vscode.l10n.t;
  // A fresh look is worth more than the memory of what went wrong before.
  engine.forgive();
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file")?.uri.fsPath;
  const report = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: t("Checking the set-up of Lookalike") },
    () => engine.request("setup/check", { ...indexSettings(), ...(folder === undefined ? {} : { folder }) }),
  );
  log.info(`Set-up:\n${describeSetup(report)}`);
  const [problem, ...more] = report.problems;
  if (problem === undefined) {
    const device = report.device?.used.toUpperCase() ?? "";
    await offerLog(log, t("Everything works. The model runs on {0}.", device), "information");
  } else {
    await offerLog(log, more.length === 0 ? problem : t("{0} And {1} more; see the log.", problem, more.length));
  }
}

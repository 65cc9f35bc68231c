import * as vscode from "vscode";
import { CancelledError, EngineStoppedError } from "./engine/engineClient.ts";

/** Whether an error only says that somebody cancelled. */
export function isCancellation(error: unknown): boolean {
  return error instanceof CancelledError || error instanceof vscode.CancellationError;
}

/** What happened and what to do next, for the user. */
export function failureText(error: unknown): string {
  const t = vscode.l10n.t;
  if (error instanceof EngineStoppedError) {
    return error.restarts
      ? t("The engine stopped unexpectedly ({0}). What was indexed is kept; try again to go on.", error.message)
      : t("The engine stopped several times in a row and is not started again by itself. See the log, then try again.");
  }
  return error instanceof Error ? error.message : String(error);
}

/** Writes an error into the log. @returns `failureText` */
export function loggedFailure(log: vscode.LogOutputChannel, error: unknown): string {
  log.error(error instanceof Error ? error : String(error));
  return failureText(error);
}

/** Does work; what goes wrong is said to the user, with the way to the log. */
export async function offeringLog(log: vscode.LogOutputChannel, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isCancellation(error)) await offerLog(log, loggedFailure(log, error));
  }
}

/** Shows a message with a button that opens the log. */
export async function offerLog(
  log: vscode.LogOutputChannel,
  text: string,
  kind: "error" | "information" = "error",
): Promise<void> {
  const show = vscode.l10n.t("Show Log");
  const message = `Lookalike: ${text}`;
  // Not awaited: a notification may stay for hours.
  const answer =
    kind === "error"
      ? vscode.window.showErrorMessage(message, show)
      : vscode.window.showInformationMessage(message, show);
  answer.then((button) => {
    if (button === show) log.show();
  });
}

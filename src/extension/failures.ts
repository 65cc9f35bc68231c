import * as vscode from "vscode";
import { CancelledError, EngineStoppedError, PasswordWantedError } from "./engine/engineClient.ts";
import { COMMANDS } from "./ids.ts";
import { tell, tellError } from "./messages.ts";

/** What needs a trusted workspace was asked for in another one. */
class UntrustedError extends Error {
  override readonly name = "UntrustedError";
}

/** There is no folder to work on. */
export class NoFolderError extends Error {
  override readonly name = "NoFolderError";
}

/** To be called before the first question of what works on the workspace's files. @param text why not @throws where it is not trusted */
export function requireTrust(text?: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new UntrustedError(
    text ??
      vscode.l10n.t("This workspace is not trusted, so nothing is done with its images. Trust the workspace first."),
  );
}

/** Whether an error only says that somebody cancelled. */
export function isCancellation(error: unknown): boolean {
  return error instanceof CancelledError || error instanceof vscode.CancellationError;
}

/** Whether a database's password is all that lacks. */
export function wantsPassword(error: unknown): boolean {
  return error instanceof PasswordWantedError;
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
    if (error instanceof UntrustedError) offerTrust(error.message);
    else if (error instanceof NoFolderError) offerFolder(error.message);
    else if (wantsPassword(error)) offerPassword(loggedFailure(log, error));
    else if (!isCancellation(error)) await offerLog(log, loggedFailure(log, error));
  }
}

/** Not awaited: a notification may stay for hours. */
function offerTrust(text: string): void {
  const manage = vscode.l10n.t("Manage Workspace Trust");
  tellError(`Lookalike: ${text}`, manage).then((button) => {
    if (button === manage) void vscode.commands.executeCommand("workbench.trust.manage");
  });
}

/** Not awaited, either. */
function offerFolder(text: string): void {
  const open = vscode.l10n.t("Open Folder...");
  tell(`Lookalike: ${text}`, open).then((button) => {
    if (button === open) void vscode.commands.executeCommand("vscode.openFolder");
  });
}

/** Not awaited, either. */
function offerPassword(text: string): void {
  const enter = vscode.l10n.t("Enter Password...");
  tellError(`Lookalike: ${text}`, enter).then((button) => {
    if (button === enter) void vscode.commands.executeCommand(COMMANDS.setDatabasePassword);
  });
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
  const answer = kind === "error" ? tellError(message, show) : tell(message, show);
  answer.then((button) => {
    if (button === show) log.show();
  });
}

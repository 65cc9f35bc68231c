/** The only place that shows messages of VS Code: names of files, tensors and models in them are text, and nothing else. */
import * as vscode from "vscode";
import { messageText, visibleLines } from "../shared/index.ts";

type Buttons = readonly string[];

export function tellError(text: string, ...buttons: Buttons): Thenable<string | undefined> {
  return vscode.window.showErrorMessage(messageText(text), ...buttons);
}

export function tell(text: string, ...buttons: Buttons): Thenable<string | undefined> {
  return vscode.window.showInformationMessage(messageText(text), ...buttons);
}

/** A question that stays in a corner of the window. */
export function ask(text: string, ...buttons: Buttons): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(messageText(text), ...buttons);
}

/** A question that has to be answered before anything else. @param detail lines below it */
export function askModal(text: string, detail: string | undefined, ...buttons: Buttons): Thenable<string | undefined> {
  const options = detail === undefined ? { modal: true } : { modal: true, detail: visibleLines(detail) };
  return vscode.window.showWarningMessage(messageText(text), options, ...buttons);
}

interface Line extends Omit<vscode.InputBoxOptions, "validateInput"> {
  /** @returns what is wrong with a text */
  readonly validateInput?: (text: string) => string | null | undefined | Promise<string | null | undefined>;
}

/** Asks for a line. Links in what is asked, or in what is wrong with an answer, would run commands as those of messages do. */
export function askLine({ validateInput, ...options }: Line): Thenable<string | undefined> {
  const { prompt } = options;
  return vscode.window.showInputBox({
    ...options,
    ...(prompt !== undefined && { prompt: messageText(prompt) }),
    ...(validateInput && {
      validateInput: async (typed: string) => {
        const wrong = await validateInput(typed);
        return wrong == null ? wrong : messageText(wrong);
      },
    }),
  });
}

/** In the status bar, for some seconds. */
export function tellInStatusBar(text: string, milliseconds = 5000): void {
  vscode.window.setStatusBarMessage(messageText(text), milliseconds);
}

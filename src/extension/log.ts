import * as vscode from "vscode";
import { logText } from "../shared/index.ts";

const LEVELS: ReadonlySet<unknown> = new Set(["trace", "debug", "info", "warn", "error"]);

/** The log of the extension: names of files, models and tables in it are text of one entry, and nothing else. */
export function createLog(): vscode.LogOutputChannel {
  const channel = vscode.window.createOutputChannel("Lookalike", { log: true });
  const write =
    (level: "trace" | "debug" | "info" | "warn" | "error") =>
    (message: string | Error, ...more: unknown[]): void =>
      channel[level](logText(message instanceof Error ? (message.stack ?? String(message)) : message), ...more);
  return new Proxy({} as vscode.LogOutputChannel, {
    get(_, key) {
      if (LEVELS.has(key)) return write(key as "info");
      const value: unknown = Reflect.get(channel, key);
      return typeof value === "function" ? value.bind(channel) : value;
    },
  });
}

import * as vscode from "vscode";
import { type DatabasePasswordParams, isDatabase, serverOf } from "../shared/index.ts";
import type { EngineClient } from "./engine/engineClient.ts";
import { offeringLog } from "./failures.ts";
import { SETTINGS } from "./ids.ts";
import { askLine, tellInStatusBar } from "./messages.ts";
import { indexSettings } from "./settings.ts";

type Tell = (params: DatabasePasswordParams) => Promise<unknown>;
type Secrets = Pick<vscode.SecretStorage, "get">;

/** The server of the index's place, and what its password is kept under; undefined where it is a folder. */
function keptUnder(): { readonly server: string; readonly key: string } | undefined {
  const { location = "" } = indexSettings();
  const server = isDatabase(location) ? serverOf(location) : null;
  return server === null ? undefined : { server, key: `lookalike.database.${server}` };
}

/** Tells an engine the password of the database that holds the indexes, or that VS Code keeps none. */
export async function tellPassword(tell: Tell, secrets: Secrets): Promise<void> {
  const kept = keptUnder();
  if (kept !== undefined) await tell({ server: kept.server, password: (await secrets.get(kept.key)) ?? null });
}

/**
 * Tells it again whenever the setting names another database, or a password is kept or forgotten: in another window, too.
 * @param told called after a password was
 */
export function followDatabase(
  engine: EngineClient,
  secrets: Pick<vscode.SecretStorage, "get" | "onDidChange">,
  told: () => void,
): vscode.Disposable {
  const tell = () =>
    engine.pid === undefined
      ? Promise.resolve()
      : tellPassword((params) => engine.request("index/password", params), secrets).catch(() => {});
  const setting = vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(`${SETTINGS.section}.${SETTINGS.indexLocation}`)) void tell();
  });
  const secret = secrets.onDidChange(({ key }) => {
    if (key === keptUnder()?.key) void tell().then(told);
  });
  return {
    dispose() {
      setting.dispose();
      secret.dispose();
    },
  };
}

interface PasswordParts {
  readonly context: Pick<vscode.ExtensionContext, "secrets">;
  readonly engine: EngineClient;
}

/** Where a page offers it. @param again what failed for want of it; not called where the question is left */
export async function enterPassword(
  parts: PasswordParts & { readonly log: vscode.LogOutputChannel },
  again: () => void,
): Promise<void> {
  await offeringLog(parts.log, async () => {
    if (await setDatabasePassword(parts)) again();
  });
}

/** `Lookalike: Set Database Password`: an empty one is forgotten. @returns whether one was given */
export async function setDatabasePassword({ context, engine }: PasswordParts): Promise<boolean> {
  const t = vscode.l10n.t;
  const kept = keptUnder();
  if (kept === undefined) {
    throw new Error(
      t(
        "The setting lookalike.index.location names no database. Write postgres://user@host/database?folder=name there first.",
      ),
    );
  }
  const typed = await askLine({
    title: t("Password for {0}", kept.server),
    prompt: t("VS Code keeps it in its secret storage; it goes to that server only. Leave it empty to forget it"),
    password: true,
    ignoreFocusOut: true,
  });
  if (typed === undefined) return false;
  if (typed === "") await context.secrets.delete(kept.key);
  else await context.secrets.store(kept.key, typed);
  await engine.request("index/password", { server: kept.server, password: typed === "" ? null : typed });
  tellInStatusBar(typed === "" ? t("The password is forgotten") : t("The password is kept"));
  return typed !== "";
}

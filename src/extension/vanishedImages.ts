import * as vscode from "vscode";
import { loggedFailure } from "./failures.ts";
import type { IndexRuns } from "./indexRuns.ts";
import { ask } from "./messages.ts";

interface VanishedParts {
  readonly runs: Pick<IndexRuns, "run" | "onEnd" | "onVanished">;
  readonly log: vscode.LogOutputChannel;
}

/**
 * Asks what is meant where nearly all images of a folder are gone at once; nothing was removed so far. A run that began by
 * itself asks no second time, until a run went through.
 */
export function askAboutVanished({ runs, log }: VanishedParts): vscode.Disposable {
  const asked = new Set<string>();
  const t = vscode.l10n.t;
  return vscode.Disposable.from(
    runs.onEnd(({ folder, error }) => {
      if (error === undefined) asked.delete(folder);
    }),
    runs.onVanished(async ({ folder, model, rebuild, byItself, gone, indexed }) => {
      log.warn(`${gone} of ${indexed} indexed images of ${folder} are gone at once; nothing was removed.`);
      if (byItself && asked.has(folder)) return;
      asked.add(folder);
      const remove = t("Remove From Index");
      const question = t(
        "{0} of the {1} indexed images of {2} are gone. Is a disk or a network folder away? Nothing was removed from the index.",
        gone,
        indexed,
        folder,
      );
      if ((await ask(question, t("Keep"), remove)) !== remove) return;
      await runs.run(folder, rebuild, model, { acceptRemoved: true }).catch((error: unknown) => {
        loggedFailure(log, error);
      });
    }),
  );
}

import type { TableColumn } from "../../shared/index.ts";
import { untilAborted } from "../engine/untilAborted.ts";
import { isCancellation, loggedFailure } from "../failures.ts";
import type { ImageTables } from "../imageTables.ts";
import { indexSettings } from "../settings.ts";
import { labelsIn, type TablesOf } from "./labelTables.ts";
import type { LabelsHost } from "./panelLabels.ts";
import type { SimilarParts } from "./parts.ts";
import type { Session } from "./session.ts";

/**
 * What the labels of a panel need, from the engine and VS Code.
 * @param panel names a model whose index is open anyway
 */
export function labelsHost(
  panel: { anyModel(): { readonly model?: string } },
  { engine, tables, log }: SimilarParts,
  changed: LabelsHost["changed"],
): LabelsHost {
  // Labels are the same in each index of a folder.
  const about = (folder: string) => ({ folder, ...panel.anyModel(), ...indexSettings() });
  return {
    tables: (folder) => tables.of(folder),
    check: (folders, file) => tables.check(folders, file),
    of: (folder, from, paths, signal) =>
      untilAborted(signal, (token) => engine.request("labels/of", { ...about(folder), from, paths }, token)),
    facets: (folder, from, signal) =>
      untilAborted(signal, (token) => engine.request("labels/facets", { ...about(folder), from }, token)),
    isCancellation,
    failureText: (error) => loggedFailure(log, error),
    changed,
  };
}

/** Where the labels of each of some folders come from; a folder whose images have none is not in it. */
export async function labelsByFolder(
  folders: readonly string[],
  chosen: TableColumn,
  tables: ImageTables,
): Promise<Record<string, TableColumn>> {
  const known: TablesOf = new Map(
    await Promise.all(folders.map(async (folder) => [folder, await tables.known(folder)] as const)),
  );
  const own = folders.map((folder) => [folder, labelsIn(folder, chosen, known)] as const);
  return Object.fromEntries(own.flatMap(([folder, from]) => (from === undefined ? [] : [[folder, from]])));
}

/** Remembers for each folder of a session where its labels come from. */
export async function keepLabels({ folders }: Session, labels: TableColumn | null, tables: ImageTables): Promise<void> {
  const own = labels === null ? undefined : await labelsByFolder(folders, labels, tables);
  for (const folder of folders) await tables.keepLabels(folder, own?.[folder] ?? null);
}

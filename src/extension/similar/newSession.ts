import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import type { SimilarQuery, SimilarResult, SimilarState } from "../../shared/index.ts";
import { isCancellation, loggedFailure, wantsPassword } from "../failures.ts";
import { folderStatus, showFolderStatus } from "../folderStatus.ts";
import type { ImageTables } from "../imageTables.ts";
import { fileFolders } from "../roots.ts";
import { fileFilter, indexSettings, similarCount } from "../settings.ts";
import { type AcrossHost, AcrossSession } from "./acrossSession.ts";
import { askedOf, type ComparedChoice } from "./comparedChoice.ts";
import { ComparisonSession } from "./comparisonSession.ts";
import { labelsByFolder } from "./labelsHost.ts";
import type { SimilarParts } from "./parts.ts";
import type { PanelQuery } from "./query.ts";
import { SearchedRoots } from "./searchedRoots.ts";
import type { Session } from "./session.ts";
import { SimilarSession } from "./similarSession.ts";

/** The first pictures of a result are there by then, and the files of the folder can be looked through. Milliseconds. */
const UPDATE_AFTER = 1_000;

/** What a session is begun with. */
export interface Asked {
  readonly folder: string;
  readonly query: PanelQuery;
  /** To compare; none: the one that is chosen for the folder. */
  readonly models: readonly ComparedChoice[];
  /** Shown until there is an answer. */
  readonly before: SimilarResult | null;
  /** The same of a comparison of these models. */
  readonly compared: SimilarState["comparison"];
}

interface SessionOwner {
  /** Something was found in the folder in this window. */
  isIndexed(folder: string): boolean;
  changed(state: SimilarState, session: Session): void;
}

/** The session of a query: of one folder, of all folders, or of several models. */
export function newSession(
  parts: SimilarParts,
  { folder, query, models, before, compared }: Asked,
  owner: SessionOwner,
): Session {
  const { engine, runs, status, log, tables } = parts;
  const t = vscode.l10n.t;
  const host: AcrossHost = {
    status: (path, model) =>
      path === folder ? showFolderStatus({ engine, status }, path, model) : folderStatus(engine, path, model),
    isIndexed: (path) => owner.isIndexed(path),
    // A run that is under way is joined at once: what becomes of it is told.
    rest: () => (runs.isRunning(folder) ? Promise.resolve() : sleep(UPDATE_AFTER)),
    similar: async (path, asked, model) => {
      await checkFilter(tables, [path], asked);
      return engine.request("image/similar", { folder: path, ...asked, ...indexSettings(), ...askedOf(model) });
    },
    firstLook: (path, asked) =>
      engine.request("image/firstLook", { folder: path, ...asked, ...indexSettings(), filter: fileFilter(path) }),
    similarAcross: async (folders, names, { labels: from = null, ...asked }) => {
      await checkFilter(tables, folders, { ...asked, labels: from });
      const labels = from === null ? {} : { labels: await labelsByFolder(folders, from, tables) };
      return engine.request("image/similarAcross", { folders, names, ...labels, ...asked, ...indexSettings() });
    },
    index: (path, model) =>
      runs.run(path, false, model?.model, model?.adapt === undefined ? {} : { adapt: model.adapt }),
    mayIndex: () => vscode.workspace.isTrusted,
    isEmpty: (path) => runs.isEmpty(path),
    isCancellation,
    failureText: (error) => loggedFailure(log, error),
    wantsPassword,
    texts: {
      untrusted: t(
        "{0} is not indexed, and this workspace is not trusted. Trust the workspace to index it.",
        basename(folder),
      ),
      noImages: t("{0} holds no images that can be indexed.", basename(folder)),
      firstLook: (looked, found) =>
        found === null
          ? t(
              "A first look at {0} images, with the model not adapted to them yet. The folder is being indexed.",
              looked,
            )
          : t(
              "A first look at {0} of {1} images, with the model not adapted to them yet. The folder is being indexed.",
              looked,
              found,
            ),
      cancelled: t("Indexing was cancelled. What was indexed so far can be found."),
      empty: (names) => t("No images to index: {0}.", names.join(", ")),
      missing: (names) => t("Not indexed yet, and so not searched: {0}.", names.join(", ")),
      comparing: (model) => t("The folder is being indexed with {0}.", model),
      notAdapted: (model) => t("{0}, not adapted to this folder", model),
      weightsDropped: (branches, model) =>
        t("{0} has no descriptor {1}: its weight was dropped.", model, branches.join(", ")),
    },
    changed: (state) => owner.changed(state, session),
    now: () => performance.now(),
    took: (milliseconds) => log.debug(`Searched ${folder} in ${milliseconds.toFixed(1)} ms`),
  };
  const count = similarCount();
  const roots = openRoots();
  let session: Session;
  if (models.length > 0) session = new ComparisonSession(host, folder, query, models, count, compared);
  else if (query.across && roots.folders.length > 1) session = new AcrossSession(host, folder, roots, query, count);
  else session = new SimilarSession(host, folder, query, count, before);
  return session;
}

/** The folders of the window on this machine. */
export function openRoots(): SearchedRoots {
  return new SearchedRoots(fileFolders().map(({ uri }) => uri.fsPath));
}

/** A kept query may name a table that was never offered in this window. @throws for such a one */
async function checkFilter(
  tables: ImageTables,
  folders: readonly string[],
  { only, labels }: Omit<SimilarQuery, "k">,
): Promise<void> {
  if (only?.labels !== undefined && labels != null) await tables.check(folders, labels.file);
}

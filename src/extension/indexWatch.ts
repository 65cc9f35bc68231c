import { basename } from "node:path";
import * as vscode from "vscode";
import { isImageName } from "../shared/index.ts";
import type { EngineClient } from "./engine/engineClient.ts";
import { isCancellation } from "./failures.ts";
import { folderStatus } from "./folderStatus.ts";
import { SETTINGS } from "./ids.ts";
import { indexedRoots, rememberRoot } from "./indexedRoots.ts";
import type { IndexRuns } from "./indexRuns.ts";
import { fileFolders } from "./roots.ts";
import { isWatched } from "./settings.ts";

interface WatchParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: Pick<EngineClient, "request">;
  readonly runs: Pick<IndexRuns, "run" | "isRunning" | "onStatus" | "onEnd">;
}

/** An update begins once nothing has changed for this long, ... Milliseconds. */
const QUIET = 1_000;
/** ... but no later than this after the first change: a download may write for hours. */
const LATEST = 15_000;

const FILTERS = [SETTINGS.indexInclude, SETTINGS.indexExclude, SETTINGS.indexGitignore]
  .map((name) => `${SETTINGS.section}.${name}`)
  .concat("files.exclude");

interface Watched {
  readonly watcher: vscode.FileSystemWatcher;
  /** Of the first change that is not yet looked at. */
  since: number | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Brings the indexes of this window's folders up to date when their files change. A folder without an index is left alone. */
export class IndexWatch implements vscode.Disposable {
  readonly #parts: WatchParts;
  readonly #watched = new Map<string, Watched>();
  readonly #paused = new Set<string>();
  /** Folders whose first run goes on: what comes meanwhile is not in the list that the run made at its start. */
  readonly #first = new Set<string>();
  readonly #disposables: vscode.Disposable[];

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#disposables = [
      parts.runs.onStatus(({ folder, indexed, progress, byOthers }) => {
        if (byOthers) return;
        if (progress === null && indexed > 0) void this.#noteIndex(folder, true);
        if (progress === null || this.#watched.has(folder)) return;
        this.#first.add(folder);
        this.#follow();
      }),
      parts.runs.onEnd(({ folder }) => {
        if (this.#first.delete(folder)) this.#follow();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.checkAll()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#follow(true)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${SETTINGS.section}.${SETTINGS.indexWatch}`)) this.#follow(true);
        // Other files belong to the index now.
        if (FILTERS.some((setting) => event.affectsConfiguration(setting))) {
          for (const [folder, watched] of this.#watched) this.#later(folder, watched);
        }
      }),
    ];
    this.#follow();
  }

  /** Looks at every watched folder now: files change while VS Code is closed, too. */
  checkAll(): void {
    for (const folder of this.#watched.keys()) void this.#update(folder);
  }

  /** Changes are noted, but wait until `resume`. */
  pause(folder: string): void {
    this.#paused.add(folder);
  }

  resume(folder: string): void {
    this.#paused.delete(folder);
  }

  /** Whether changes of the folder's files are followed. */
  follows(folder: string): boolean {
    return this.#watched.has(folder) && !this.#paused.has(folder);
  }

  isPaused(folder: string): boolean {
    return this.#paused.has(folder);
  }

  /** To be called when the index of a folder was deleted. */
  async forget(folder: string): Promise<void> {
    await this.#noteIndex(folder, false);
  }

  dispose(): void {
    for (const folder of [...this.#watched.keys()]) this.#stop(folder);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #noteIndex(folder: string, has: boolean): Promise<void> {
    await rememberRoot(this.#parts.context, folder, has);
    this.#follow();
  }

  /** Watches what is to be watched, and nothing else. @param look whether what was not watched so far is looked through */
  #follow(look = false): void {
    const roots = indexedRoots(this.#parts.context);
    const wanted = new Set(
      fileFolders()
        .map(({ uri }) => uri.fsPath)
        .filter((folder) => (roots.includes(folder) || this.#first.has(folder)) && isWatched(folder)),
    );
    for (const folder of [...this.#watched.keys()]) if (!wanted.has(folder)) this.#stop(folder);
    for (const folder of wanted) {
      if (this.#watched.has(folder)) continue;
      const watched = this.#start(folder);
      // It was not followed until now, and files and filters may have changed since its index was last brought up to date.
      if (look) this.#later(folder, watched);
    }
  }

  #start(folder: string): Watched {
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, "**"));
    const watched: Watched = { watcher, since: undefined, timer: undefined };
    const changed = (uri: vscode.Uri) => {
      if (matters(uri.path)) this.#later(folder, watched);
    };
    watcher.onDidCreate(changed);
    watcher.onDidChange(changed);
    watcher.onDidDelete(changed);
    this.#watched.set(folder, watched);
    return watched;
  }

  #stop(folder: string): void {
    const watched = this.#watched.get(folder);
    clearTimeout(watched?.timer);
    watched?.watcher.dispose();
    this.#watched.delete(folder);
  }

  #later(folder: string, watched: Watched): void {
    watched.since ??= performance.now();
    const left = LATEST - (performance.now() - watched.since);
    clearTimeout(watched.timer);
    watched.timer = setTimeout(() => void this.#update(folder), Math.max(0, Math.min(QUIET, left)));
  }

  async #update(folder: string): Promise<void> {
    const { log, engine, runs } = this.#parts;
    const watched = this.#watched.get(folder);
    if (watched === undefined || this.#paused.has(folder) || !vscode.workspace.isTrusted) return;
    watched.since = undefined;
    // That run may be past the change already.
    if (runs.isRunning(folder)) return this.#later(folder, watched);
    try {
      // Another model may be chosen by now, and nobody asked for an index of that one yet.
      const { indexed } = await folderStatus(engine, folder);
      if (indexed === 0) return;
      const { indexed: added, updated, removed } = await runs.run(folder, false, undefined, { byItself: true });
      if (added + updated + removed > 0)
        log.info(`${folder} changed: ${added} new, ${updated} changed, ${removed} gone.`);
    } catch (error) {
      if (!isCancellation(error)) log.warn(`The index of ${folder} could not follow its files: ${String(error)}`);
    }
  }
}

/** Whether a change of this path can change an index: an image, a folder (as far as its name tells), or what is ignored. */
function matters(path: string): boolean {
  if (/\/(\.git|\.hg|\.svn|node_modules)\//.test(path)) return false;
  const name = basename(path);
  return isImageName(name) || name === ".gitignore" || !/\.[^. ]{1,5}$/.test(name);
}

import * as vscode from "vscode";
import { isDatabase } from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { ImagesVanishedError } from "../engine/engineClient.ts";
import { failureText, isCancellation } from "../failures.ts";
import { folderStatus } from "../folderStatus.ts";
import type { IndexRuns } from "../indexRuns.ts";
import type { IndexWatch } from "../indexWatch.ts";
import { fileFolders } from "../roots.ts";
import { indexSettings } from "../settings.ts";
import { byReason, conditionOf, type IndexNode, nodesOf, type RootState } from "./nodes.ts";
import { itemOf } from "./treeItems.ts";

interface TreeParts {
  readonly engine: Pick<EngineClient, "request">;
  readonly runs: Pick<IndexRuns, "isRunning" | "onStatus" | "onEnd">;
  readonly watch: Pick<IndexWatch, "isPaused" | "follows">;
}

/** The view of the indexes: a root for each folder of the window, and under it what there is to know. */
export class IndexTree implements vscode.TreeDataProvider<IndexNode>, vscode.Disposable {
  readonly #parts: TreeParts;
  readonly #states = new Map<string, Omit<RootState, "running" | "paused" | "upToDate">>();
  /** Folders whose last run in this window ended well. */
  readonly #brought = new Set<string>();
  /** The same objects each time: VS Code knows a row again by them. */
  readonly #roots = new Map<string, IndexNode>();
  readonly #changed = new vscode.EventEmitter<IndexNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #disposables: vscode.Disposable[];

  constructor(parts: TreeParts) {
    this.#parts = parts;
    this.#disposables = [
      parts.runs.onStatus((status) => {
        if (status.asked !== undefined) return;
        const { folder } = status;
        const first = !this.#states.has(folder);
        this.#states.set(folder, { ...this.#states.get(folder), folder, status });
        if (status.byOthers) return this.refresh(folder);
        // A run that begins on a folder without an index: the row appears.
        this.#changed.fire(first ? undefined : this.#roots.get(folder));
      }),
      parts.runs.onEnd(({ folder, error }) => {
        const { failure: _, vanished: __, ...state } = this.#states.get(folder) ?? { folder };
        const vanished = error instanceof ImagesVanishedError ? { vanished: error.vanished } : {};
        const failed = error !== undefined && (!isCancellation(error) || "vanished" in vanished);
        if (error === undefined) this.#brought.add(folder);
        else this.#brought.delete(folder);
        this.#states.set(folder, failed ? { ...state, ...vanished, failure: failureText(error) } : state);
        this.refresh(folder);
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh()),
    ];
  }

  /** Asks the engine again, about one folder or all. */
  refresh(folder?: string): void {
    for (const [key, state] of this.#states) {
      if (folder !== undefined && key !== folder) continue;
      const { details: _, ...rest } = state;
      this.#states.set(key, rest);
    }
    this.#changed.fire(undefined);
  }

  /** To be called when everything of a folder was deleted. */
  forget(folder: string): void {
    this.#states.delete(folder);
    this.#changed.fire(undefined);
  }

  async getChildren(node?: IndexNode): Promise<IndexNode[]> {
    switch (node?.kind) {
      case undefined:
        return this.#shownRoots();
      case "root":
        return nodesOf(this.#state(node.folder));
      case "skipped":
        return byReason(node.folder, node.files);
      case "reason":
        return node.files.map((path) => ({ kind: "file", folder: node.folder, path }));
      case "others":
        return node.indexes.map((index) => ({ kind: "kept", folder: node.folder, index }));
      default:
        return [];
    }
  }

  getTreeItem(node: IndexNode): vscode.TreeItem {
    return itemOf(node, this.#state(node.folder));
  }

  dispose(): void {
    this.#changed.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Where no folder has an index the tree is empty, and VS Code shows the view's welcome text. */
  async #shownRoots(): Promise<IndexNode[]> {
    const folders = fileFolders().map(({ uri }) => uri.fsPath);
    await Promise.all(folders.map((folder) => this.#load(folder)));
    if (folders.every((folder) => this.#isBlank(folder))) return [];
    return folders.map((folder) => {
      const root = this.#roots.get(folder) ?? { kind: "root", folder };
      this.#roots.set(folder, root);
      return root;
    });
  }

  #isBlank(folder: string): boolean {
    const { details } = this.#state(folder);
    return conditionOf(this.#state(folder)) === "none" && (details === undefined || details.others.length === 0);
  }

  async #load(folder: string): Promise<void> {
    if (this.#states.get(folder)?.details !== undefined) return;
    try {
      const details = await this.#parts.engine.request("index/details", { folder, ...indexSettings() });
      this.#states.set(folder, { ...this.#states.get(folder), folder, details });
      // From then on the engine tells what others do there.
      if (details.current !== null && isDatabase(details.place)) {
        folderStatus(this.#parts.engine, folder).catch(() => {});
      }
    } catch (error) {
      this.#states.set(folder, { ...this.#states.get(folder), folder, failure: failureText(error) });
    }
  }

  #state(folder: string): RootState {
    const { runs, watch } = this.#parts;
    const known = this.#states.get(folder);
    return {
      ...known,
      folder,
      running: runs.isRunning(folder),
      paused: watch.isPaused(folder),
      upToDate: this.#brought.has(folder) && watch.follows(folder),
    };
  }
}

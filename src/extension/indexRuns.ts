import * as vscode from "vscode";
import type { FolderStatus, IndexSummary } from "../shared/index.ts";
import type { EngineClient } from "./engine/engineClient.ts";
import { INDEXING_CONTEXT } from "./ids.ts";
import { indexSettings } from "./settings.ts";

interface Run {
  readonly done: Promise<IndexSummary>;
  readonly cancel: vscode.CancellationTokenSource;
}

/** The indexing runs of this window: one per folder, shared by commands and panels. */
export class IndexRuns implements vscode.Disposable {
  readonly #engine: EngineClient;
  readonly #runs = new Map<string, Run>();
  readonly #status = new vscode.EventEmitter<FolderStatus>();
  readonly onStatus = this.#status.event;

  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  /** To be called with each `folder/changed` of the engine. */
  report(status: FolderStatus): void {
    this.#status.fire(status);
  }

  /** Brings the index of a folder up to date, or joins the run that does. */
  run(folder: string, rebuild = false): Promise<IndexSummary> {
    const running = this.#runs.get(folder);
    if (running !== undefined && !rebuild) return running.done;
    running?.cancel.cancel();
    const cancel = new vscode.CancellationTokenSource();
    const done = this.#start(folder, rebuild, cancel.token, running?.done);
    const run = { done, cancel };
    this.#runs.set(folder, run);
    this.#showContext();
    const forget = () => {
      if (this.#runs.get(folder) === run) this.#runs.delete(folder);
      this.#showContext();
    };
    done.then(forget, forget);
    return done;
  }

  /** @param folder where absent, any folder */
  isRunning(folder?: string): boolean {
    return folder === undefined ? this.#runs.size > 0 : this.#runs.has(folder);
  }

  /** @param folder where absent, every run */
  cancel(folder?: string): void {
    for (const [path, run] of this.#runs) if (folder === undefined || path === folder) run.cancel.cancel();
  }

  dispose(): void {
    this.cancel();
    this.#status.dispose();
  }

  async #start(
    folder: string,
    rebuild: boolean,
    token: vscode.CancellationToken,
    before: Promise<unknown> | undefined,
  ): Promise<IndexSummary> {
    // A rebuild waits until the run that it replaces has stopped.
    await before?.catch(() => {});
    return this.#engine.request("folder/index", { folder, rebuild, ...indexSettings() }, token);
  }

  #showContext(): void {
    void vscode.commands.executeCommand("setContext", INDEXING_CONTEXT, this.#runs.size > 0);
  }
}

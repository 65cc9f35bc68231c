import * as vscode from "vscode";
import type { FolderStatus, IndexParams, IndexSummary } from "../shared/index.ts";
import type { EngineClient } from "./engine/engineClient.ts";
import { INDEXING_CONTEXT } from "./ids.ts";
import { fileFilter, indexSettings } from "./settings.ts";

interface Run {
  readonly folder: string;
  readonly done: Promise<IndexSummary>;
  readonly cancel: vscode.CancellationTokenSource;
}

/** How a run of a folder's own model ended. */
export interface RunEnd {
  readonly folder: string;
  /** Absent where it did what it was to do. */
  readonly error?: unknown;
}

/** The indexing runs of this window: one per folder and model, shared by commands and panels. */
export class IndexRuns implements vscode.Disposable {
  readonly #engine: EngineClient;
  readonly #runs = new Map<string, Run>();
  readonly #status = new vscode.EventEmitter<FolderStatus>();
  readonly onStatus = this.#status.event;
  readonly #end = new vscode.EventEmitter<RunEnd>();
  readonly onEnd = this.#end.event;

  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  /** To be called with each `folder/changed` of the engine. */
  report(status: FolderStatus): void {
    this.#status.fire(status);
  }

  /**
   * Brings the index of a folder up to date, or joins the run that does.
   * @param model name of an installed model; where absent, the one that is chosen for the folder
   */
  run(folder: string, rebuild = false, model?: string): Promise<IndexSummary> {
    const key = JSON.stringify([folder, model]);
    const running = this.#runs.get(key);
    if (running !== undefined && !rebuild && !running.cancel.token.isCancellationRequested) return running.done;
    running?.cancel.cancel();
    const cancel = new vscode.CancellationTokenSource();
    const params = { folder, rebuild, filter: fileFilter(folder), ...(model === undefined ? {} : { model }) };
    const done = this.#start(params, cancel.token, running?.done);
    const run = { folder, done, cancel };
    this.#runs.set(key, run);
    this.#showContext();
    const forget = () => {
      if (this.#runs.get(key) === run) this.#runs.delete(key);
      this.#showContext();
    };
    done.then(forget, forget);
    const tell = (error?: unknown) => {
      if (model === undefined) this.#end.fire({ folder, ...(error === undefined ? {} : { error }) });
    };
    done.then(() => tell(), tell);
    return done;
  }

  /** @param folder where absent, any folder */
  isRunning(folder?: string): boolean {
    if (folder === undefined) return this.#runs.size > 0;
    return [...this.#runs.values()].some((run) => run.folder === folder);
  }

  /** @param folder where absent, every run */
  cancel(folder?: string): void {
    for (const run of this.#runs.values()) if (folder === undefined || run.folder === folder) run.cancel.cancel();
  }

  /** Cancels the runs of a folder, and waits until they have stopped. */
  async stop(folder: string): Promise<void> {
    const stopping = [...this.#runs.values()].filter((run) => run.folder === folder);
    this.cancel(folder);
    await Promise.allSettled(stopping.map(({ done }) => done));
  }

  dispose(): void {
    this.cancel();
    this.#status.dispose();
    this.#end.dispose();
  }

  async #start(
    params: IndexParams,
    token: vscode.CancellationToken,
    before: Promise<unknown> | undefined,
  ): Promise<IndexSummary> {
    // A run waits until the one that it replaces has stopped.
    await before?.catch(() => {});
    return this.#engine.request("folder/index", { ...params, ...indexSettings() }, token);
  }

  #showContext(): void {
    void vscode.commands.executeCommand("setContext", INDEXING_CONTEXT, this.#runs.size > 0);
  }
}

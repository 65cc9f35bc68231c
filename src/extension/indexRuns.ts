import * as vscode from "vscode";
import type { FolderStatus, IndexParams, IndexSummary, Vanished } from "../shared/index.ts";
import { CancelledError, type EngineClient, EngineStoppedError, ImagesVanishedError } from "./engine/engineClient.ts";
import { INDEXING_CONTEXT } from "./ids.ts";
import { RunDeaths, waitFor } from "./indexRetry.ts";
import { fileFilter, indexSettings, sharesThumbnails, whoMayJoin } from "./settings.ts";

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

/** A run that found nearly all images gone at once, and removed nothing. */
export interface VanishedRun extends Vanished {
  readonly folder: string;
  readonly model?: string | undefined;
  readonly rebuild: boolean;
  /** Nobody asked for the run. */
  readonly byItself: boolean;
}

export interface RunOptions {
  /** Forgets images that are gone even where nearly all of them are. */
  readonly acceptRemoved?: boolean;
  /** Nobody asked for it: the files changed. */
  readonly byItself?: boolean;
  /** Whether the model is adapted to the folder; absent: as the settings say. */
  readonly adapt?: boolean;
}

interface RunParts {
  readonly engine: Pick<EngineClient, "request" | "forgive">;
  readonly log: Pick<vscode.LogOutputChannel, "warn">;
  /** Before a retry; a test need not wait. */
  readonly wait?: typeof waitFor;
}

/**
 * The indexing runs of this window: one per folder and model, shared by commands and panels. A run goes on by itself after
 * the engine died: the files that it held are tried apart from the others then, so they cannot end it again.
 */
export class IndexRuns implements vscode.Disposable {
  readonly #parts: RunParts;
  readonly #runs = new Map<string, Run>();
  /** Folders whose last run found no image. */
  readonly #empty = new Set<string>();
  readonly #status = new vscode.EventEmitter<FolderStatus>();
  readonly onStatus = this.#status.event;
  readonly #end = new vscode.EventEmitter<RunEnd>();
  readonly onEnd = this.#end.event;
  readonly #vanished = new vscode.EventEmitter<VanishedRun>();
  readonly onVanished = this.#vanished.event;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** To be called with each `folder/changed` of the engine. */
  report(status: FolderStatus): void {
    this.#status.fire(status);
  }

  /**
   * Brings the index of a folder up to date, or joins the run that does.
   * @param model name of an installed model; where absent, the one that is chosen for the folder
   */
  run(
    folder: string,
    rebuild = false,
    model?: string,
    { acceptRemoved = false, byItself = false, adapt }: RunOptions = {},
  ): Promise<IndexSummary> {
    const key = JSON.stringify([folder, model, adapt]);
    const running = this.#runs.get(key);
    if (running !== undefined && !rebuild && !acceptRemoved && !running.cancel.token.isCancellationRequested)
      return running.done;
    running?.cancel.cancel();
    const cancel = new vscode.CancellationTokenSource();
    const asked = { folder, rebuild, ...(model === undefined ? {} : { model }) };
    const params = {
      ...asked,
      ...(adapt === undefined ? {} : { adapt }),
      filter: fileFilter(folder),
      ...(acceptRemoved ? { acceptRemoved } : {}),
      ...whoMayJoin(folder),
    };
    const done = this.#start(params, cancel.token, running?.done);
    const run = { folder, done, cancel };
    this.#runs.set(key, run);
    this.#showContext();
    const forget = () => {
      if (this.#runs.get(key) === run) this.#runs.delete(key);
      this.#showContext();
    };
    done.then(forget, forget);
    done.then(
      ({ indexed, updated, unchanged }) => {
        if (indexed + updated + unchanged === 0) this.#empty.add(folder);
        else this.#empty.delete(folder);
      },
      () => {},
    );
    const tell = (error?: unknown) => {
      if (model === undefined) this.#end.fire({ folder, ...(error === undefined ? {} : { error }) });
      if (error instanceof ImagesVanishedError) this.#vanished.fire({ ...asked, byItself, ...error.vanished });
    };
    done.then(() => tell(), tell);
    return done;
  }

  /** Whether a run of this window found no image in the folder: there is nothing to index. */
  isEmpty(folder: string): boolean {
    return this.#empty.has(folder);
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
    this.#vanished.dispose();
  }

  async #start(
    params: IndexParams,
    token: vscode.CancellationToken,
    before: Promise<unknown> | undefined,
  ): Promise<IndexSummary> {
    // A run waits until the one that it replaces has stopped.
    await before?.catch(() => {});
    const deaths = new RunDeaths();
    const listener = this.onStatus((status) => {
      if (status.folder === params.folder && status.asked === params.model) deaths.note(status);
    });
    try {
      for (;;) {
        try {
          return await this.#parts.engine.request(
            "folder/index",
            { ...indexSettings(), shareThumbnails: sharesThumbnails(), ...params },
            token,
          );
        } catch (error) {
          if (!(error instanceof EngineStoppedError)) throw error;
          await this.#recover(error, params.folder, deaths, token);
        }
      }
    } finally {
      listener.dispose();
    }
  }

  /** Waits before a run is asked for again. @throws `error` where it is given up, or CancelledError */
  async #recover(
    error: EngineStoppedError,
    folder: string,
    deaths: RunDeaths,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const { engine, log, wait: pause = waitFor } = this.#parts;
    const { progress, deaths: count, wait } = deaths.died(error.restarts);
    if (!token.isCancellationRequested) {
      if (wait === undefined || !vscode.workspace.isTrusted) {
        log.warn(
          `Indexing ${folder} was given up: the engine ended (${error.message}), ${count} in a row without progress.`,
        );
        throw error;
      }
      // An engine that got on did not fail at its start: its deaths are counted here.
      if (progress) engine.forgive();
      log.warn(`The engine ended (${error.message}) while ${folder} was indexed. The run goes on in ${wait / 1000} s.`);
      await pause(wait, token);
    }
    if (token.isCancellationRequested) throw new CancelledError("Indexing was cancelled.");
    if (!vscode.workspace.isTrusted) throw error;
  }

  #showContext(): void {
    void vscode.commands.executeCommand("setContext", INDEXING_CONTEXT, this.#runs.size > 0);
  }
}

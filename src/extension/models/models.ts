import * as vscode from "vscode";
import type { InstalledModel, ModelScope, TransferProgress } from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import type { IndexRuns } from "../indexRuns.ts";

/** The installed models, and which of them is used where. The engine keeps both; this tells the window of changes. */
export class Models implements vscode.Disposable {
  readonly #engine: EngineClient;
  readonly #runs: IndexRuns;
  readonly #change = new vscode.EventEmitter<void>();
  /** Another model may be in use, or a model has another name. What shows results asks again. */
  readonly onChange = this.#change.event;

  readonly #transfer = new vscode.EventEmitter<TransferProgress>();
  /** Weights are arriving. */
  readonly onTransfer = this.#transfer.event;

  constructor(engine: EngineClient, runs: IndexRuns) {
    this.#engine = engine;
    this.#runs = runs;
  }

  /** To be called with each `models/transfer` of the engine. */
  report(progress: TransferProgress): void {
    this.#transfer.fire(progress);
  }

  /** Every installed model. @param folder `selected` is as for this one */
  list(folder: string | undefined): Promise<readonly InstalledModel[]> {
    return this.#engine.request("models/list", scope(folder));
  }

  /** Chooses a model for one folder. null takes that choice back. */
  async select(name: string | null, folder: string): Promise<void> {
    await this.#engine.request("models/select", { name, folder });
    this.#changed(folder);
  }

  /**
   * Chooses a model for all folders.
   * @param folder the one at hand, whose own choice gives way; others keep theirs
   */
  async selectForAll(name: string | null, folder: string | undefined): Promise<void> {
    await this.#engine.request("models/select", { name });
    if (folder !== undefined) await this.#engine.request("models/select", { name: null, folder });
    this.#changed();
  }

  /** Copies a model file among the installed ones. @returns its name */
  install(file: string, name?: string): Promise<string> {
    return this.#engine.request("models/install", { file, ...(name === undefined ? {} : { name }) });
  }

  async rename(name: string, to: string): Promise<void> {
    await this.#engine.request("models/rename", { name, to });
    this.#change.fire();
  }

  /** Deletes an installed model; where it was chosen, another one is used from now on. */
  async remove(name: string): Promise<void> {
    await this.#engine.request("models/remove", { name });
    this.#changed();
  }

  async export(name: string, file: string): Promise<void> {
    await this.#engine.request("models/export", { name, file });
  }

  dispose(): void {
    this.#change.dispose();
    this.#transfer.dispose();
  }

  /** Runs with the old model are of no more use. */
  #changed(folder?: string): void {
    this.#runs.cancel(folder);
    this.#change.fire();
  }
}

function scope(folder: string | undefined): ModelScope {
  return folder === undefined ? {} : { folder };
}

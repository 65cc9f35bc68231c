import { promises as fs } from "node:fs";
import type { EngineNotifications, FolderParams } from "../shared/index.ts";

type Core = typeof import("../core/index.ts");
type FolderIndex = Awaited<ReturnType<Core["FolderIndex"]["open"]>>;
type EmbedderPool = InstanceType<Core["EmbedderPool"]>;
type ModelShelf = InstanceType<Core["ModelShelf"]>;
type Log = (level: EngineNotifications["log"]["level"], message: string) => void;

/** The open indexes of this process. Core, with its native modules, is loaded at the first need, so that a process in
 * which it cannot be loaded still answers: each request says why. */
export class Folders {
  readonly #builtInModel: string;
  readonly #log: Log;
  readonly #modelsFolder: string | undefined;
  readonly #open = new Map<string, Promise<FolderIndex>>();
  /** Time and size of the model files as they were when they were first used. */
  readonly #states = new Map<string, string>();
  readonly #told = new Set<string>();
  #pool: EmbedderPool | undefined;

  /** @param modelsFolder where installed models lie; the user's data folder where absent */
  constructor(builtInModel: string, log: Log, modelsFolder?: string) {
    this.#builtInModel = builtInModel;
    this.#log = log;
    this.#modelsFolder = modelsFolder;
  }

  /** The installed models. */
  async shelf(): Promise<ModelShelf> {
    return new (await this.core()).ModelShelf(this.#builtInModel, this.#modelsFolder);
  }

  /** File of the model that a request is about: the one it names, else the one that is chosen for the folder. */
  async modelFile({ folder, model }: FolderParams): Promise<string> {
    const shelf = await this.shelf();
    if (model !== undefined) return shelf.installed(model);
    const { file, warning } = await shelf.selected(folder);
    if (warning !== undefined && !this.#told.has(warning)) {
      this.#told.add(warning);
      this.#log("warn", warning);
    }
    return file;
  }

  /** The index of a folder with a model, opened at the first call and kept. */
  async get(params: FolderParams): Promise<FolderIndex> {
    const file = await this.modelFile(params);
    await this.#noticeChange(file);
    const key = JSON.stringify([params.folder, params.location ?? "", params.adapt ?? true, file]);
    let index = this.#open.get(key);
    if (index === undefined) {
      index = this.#openIndex(params, file);
      this.#open.set(key, index);
      // A failure is not kept: the user may mend the cause and try again.
      index.catch(() => this.#open.delete(key));
    }
    return index;
  }

  /** @throws where its native modules cannot be loaded */
  async core(): Promise<Core> {
    try {
      return await import("../core/index.ts");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `Lookalike's native modules cannot be loaded on this platform (${process.platform}-${process.arch}): ${reason}. ` +
          "Install the build of the extension that is made for this platform.",
        { cause: error },
      );
    }
  }

  /** A name may stand for another model by now, deleted and installed anew; what was opened with the old one is let go. */
  async #noticeChange(file: string): Promise<void> {
    const stat = await fs.stat(file).catch(() => undefined);
    const state = `${stat?.mtimeMs} ${stat?.size}`;
    const before = this.#states.get(file);
    this.#states.set(file, state);
    if (before === undefined || before === state) return;
    // Not closed: a run may still use them.
    for (const key of this.#open.keys()) if (JSON.parse(key)[3] === file) this.#open.delete(key);
    this.#pool?.reload(file).catch(() => {});
  }

  async #openIndex({ folder, location, adapt }: FolderParams, modelFile: string): Promise<FolderIndex> {
    const core = await this.core();
    this.#pool ??= new core.EmbedderPool();
    const warn = (message: string) => this.#log("warn", message);
    const index = await core.FolderIndex.open(folder, this.#pool, modelFile, { location, adapt, warn });
    const { model, device } = await index.status();
    this.#log("info", `Opened the index of ${folder} (model ${model.name}, device ${device}).`);
    return index;
  }
}

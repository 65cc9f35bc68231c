import type { DeviceChoice, EngineNotifications, FolderParams, SetupParams, SetupReport } from "../shared/index.ts";

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
  readonly #open = new Map<string, Promise<FolderIndex>>();
  /** By the device that was asked for. */
  readonly #pools = new Map<DeviceChoice, EmbedderPool>();

  constructor(builtInModel: string, log: Log) {
    this.#builtInModel = builtInModel;
    this.#log = log;
  }

  /** The installed models. */
  async shelf(): Promise<ModelShelf> {
    return new (await this.#loadCore()).ModelShelf(this.#builtInModel);
  }

  /** The index of a folder with the model that is chosen for it, opened at the first call and kept. */
  async get(params: FolderParams): Promise<FolderIndex> {
    const { file, warning } = await (await this.shelf()).selected(params.folder);
    const key = JSON.stringify([
      params.folder,
      params.location ?? "",
      params.adapt ?? true,
      params.device ?? "auto",
      file,
    ]);
    let index = this.#open.get(key);
    if (index === undefined) {
      if (warning !== undefined) this.#log("warn", warning);
      index = this.#openIndex(params, file);
      this.#open.set(key, index);
      // A failure is not kept: the user may mend the cause and try again.
      index.catch(() => this.#open.delete(key));
    }
    return index;
  }

  /** See `checkSetup` of core; it runs where core cannot be loaded. */
  async checkSetup(params: SetupParams): Promise<SetupReport> {
    const { checkSetup } = await import("../core/doctor/index.ts");
    return checkSetup({ builtInModel: this.#builtInModel, ...params });
  }

  async #openIndex(params: FolderParams, modelFile: string): Promise<FolderIndex> {
    const core = await this.#loadCore();
    const { folder, location, adapt } = params;
    const pool = this.#pool(core, params.device ?? "auto");
    const warn = (message: string) => this.#log("warn", message);
    const index = await core.FolderIndex.open(folder, pool, modelFile, { location, adapt, warn });
    const { model, device } = await index.status();
    this.#log("info", `Opened the index of ${folder} (model ${model.name}, device ${device}).`);
    return index;
  }

  #pool(core: Core, device: DeviceChoice): EmbedderPool {
    let pool = this.#pools.get(device);
    if (pool === undefined) {
      pool = new core.EmbedderPool(async (file) => {
        const embedder = await core.openEmbedder(file, { device, cacheFolder: core.deviceFolder() });
        const { used, reason, batch } = embedder.deviceReport;
        this.#log(
          "info",
          `Model ${embedder.summary.name} on ${used}, ${batch} images per run.${reason === null ? "" : ` ${reason}.`}`,
        );
        return embedder;
      });
      this.#pools.set(device, pool);
    }
    return pool;
  }

  async #loadCore(): Promise<Core> {
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
}

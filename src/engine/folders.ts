import type { DeviceChoice, EngineNotifications, FolderParams, SetupParams, SetupReport } from "../shared/index.ts";

type Core = typeof import("../core/index.ts");
type FolderIndex = Awaited<ReturnType<Core["FolderIndex"]["open"]>>;
type Log = (level: EngineNotifications["log"]["level"], message: string) => void;

/** The open indexes of this process. Core, with its native modules, is loaded at the first need, so that a process in
 * which it cannot be loaded still answers: each request says why. */
export class Folders {
  readonly #modelFile: string;
  readonly #log: Log;
  readonly #open = new Map<string, Promise<FolderIndex>>();
  /** By the device that was asked for. */
  readonly #embedders = new Map<DeviceChoice, ReturnType<Core["openEmbedder"]>>();

  constructor(modelFile: string, log: Log) {
    this.#modelFile = modelFile;
    this.#log = log;
  }

  /** The index of a folder, opened at the first call and kept. */
  get({ folder, location, device = "auto" }: FolderParams): Promise<FolderIndex> {
    const key = JSON.stringify([folder, location ?? "", device]);
    let index = this.#open.get(key);
    if (index === undefined) {
      index = this.#openIndex(folder, location, device);
      this.#open.set(key, index);
      // A failure is not kept: the user may mend the cause and try again.
      index.catch(() => this.#open.delete(key));
    }
    return index;
  }

  /** See `checkSetup` of core; it runs where core cannot be loaded. */
  async checkSetup(params: SetupParams): Promise<SetupReport> {
    const { checkSetup } = await import("../core/doctor/index.ts");
    return checkSetup({ modelFile: this.#modelFile, ...params });
  }

  async #openIndex(folder: string, location: string | undefined, device: DeviceChoice): Promise<FolderIndex> {
    const core = await this.#loadCore();
    const embedder = await this.#embedder(core, device);
    const warn = (message: string) => this.#log("warn", message);
    const index = await core.FolderIndex.open(folder, embedder, { location, warn });
    this.#log("info", `Opened the index of ${folder} (model ${embedder.summary.name}, device ${embedder.device}).`);
    return index;
  }

  #embedder(core: Core, device: DeviceChoice): ReturnType<Core["openEmbedder"]> {
    let embedder = this.#embedders.get(device);
    if (embedder === undefined) {
      embedder = core.openEmbedder(this.#modelFile, { device, cacheFolder: core.deviceFolder() });
      this.#embedders.set(device, embedder);
      embedder.then(
        ({ deviceReport: { used, reason, batch } }) =>
          this.#log("info", `Device ${used}, ${batch} images per run.${reason === null ? "" : ` ${reason}.`}`),
        () => this.#embedders.delete(device),
      );
    }
    return embedder;
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

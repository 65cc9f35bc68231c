import { promises as fs } from "node:fs";
import type { DeviceChoice, EngineNotifications, FolderParams, SetupParams, SetupReport } from "../shared/index.ts";

type Core = typeof import("../core/index.ts");
type FolderIndex = Awaited<ReturnType<Core["FolderIndex"]["open"]>>;
type EmbedderPool = InstanceType<Core["EmbedderPool"]>;
type Embedder = Awaited<ReturnType<EmbedderPool["get"]>>;
type ModelShelf = InstanceType<Core["ModelShelf"]>;
type Changed = (params: FolderParams, index: FolderIndex) => void;
type Log = (level: EngineNotifications["log"]["level"], message: string) => void;

interface Watched {
  readonly index: Promise<FolderIndex>;
  readonly refresh: number;
  stop(): void;
}

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
  #swept: Promise<void> | undefined;
  /** What is watched for changes of others: of each folder and model that was asked for, the index that was used last. */
  readonly #watched = new Map<string, Watched>();
  /** Told of changes of others. */
  onChange: Changed = () => {};
  /** By the device that was asked for. */
  readonly #pools = new Map<DeviceChoice, EmbedderPool>();

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
    const key = JSON.stringify([
      params.folder,
      params.location ?? "",
      params.adapt ?? true,
      params.form ?? "auto",
      params.device ?? "auto",
      params.memory ?? 0,
      file,
    ]);
    if (params.decodeSeconds !== undefined) (await this.core()).limitDecoding(params.decodeSeconds);
    let index = this.#open.get(key);
    if (index === undefined) {
      index = this.#openIndex(params, file);
      this.#open.set(key, index);
      // A failure is not kept: the user may mend the cause and try again.
      index.catch(() => this.#open.delete(key));
    }
    this.#watch(params, index);
    return index;
  }

  /** Closes the indexes of a folder; the next request opens them again. Nothing may be under way on them. */
  async close(folder: string): Promise<void> {
    for (const [key, index] of this.#open) {
      if (JSON.parse(key)[0] !== folder) continue;
      this.#open.delete(key);
      for (const [of, watched] of this.#watched) if (watched.index === index) this.#watched.delete(of);
      await index.then((open) => open.close());
    }
  }

  /** A loaded model. @param name of an installed one; the built-in one where null */
  async embedder(name: string | null, device: DeviceChoice): Promise<Embedder> {
    const file = await (await this.shelf()).installed(name ?? "default");
    await this.#noticeChange(file);
    return this.#pool(await this.core(), device).get(file);
  }

  /** The loaded models of a device. */
  async pool(device: DeviceChoice = "auto"): Promise<EmbedderPool> {
    return this.#pool(await this.core(), device);
  }

  /** See `checkSetup` of core; it runs where core cannot be loaded. */
  async checkSetup(params: SetupParams): Promise<SetupReport> {
    const { checkSetup } = await import("../core/doctor/index.ts");
    return checkSetup({ builtInModel: this.#builtInModel, ...params });
  }

  /** @throws where its native modules cannot be loaded */
  async core(): Promise<Core> {
    try {
      const core = await import("../core/index.ts");
      // What an engine left behind that was killed; nobody waits for it.
      this.#swept ??= new core.ModelShelf(this.#builtInModel, this.#modelsFolder).sweep().catch(() => {});
      return core;
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
    const state = `${stat?.mtimeMs} ${stat?.ctimeMs} ${stat?.size}`;
    const before = this.#states.get(file);
    this.#states.set(file, state);
    if (before === undefined || before === state) return;
    // Not closed: a run may still use them.
    for (const key of this.#open.keys()) if (JSON.parse(key).at(-1) === file) this.#open.delete(key);
    for (const pool of this.#pools.values()) pool.reload(file).catch(() => {});
  }

  #watch(params: FolderParams, index: Promise<FolderIndex>): void {
    const { folder, model, adapt, refresh } = params;
    if (refresh === undefined) return;
    const of = JSON.stringify([folder, model, adapt]);
    const before = this.#watched.get(of);
    if (before?.index === index && before.refresh === refresh) return;
    before?.stop();
    let ended = false;
    let end = () => {};
    const stop = () => {
      ended = true;
      end();
    };
    this.#watched.set(of, { index, refresh, stop });
    index.then(
      (open) => {
        if (!ended && refresh > 0) end = open.watch(1000 * refresh, () => this.onChange(params, open));
      },
      // Asked again, it is opened again.
      () => {},
    );
  }

  async #openIndex(params: FolderParams, modelFile: string): Promise<FolderIndex> {
    const core = await this.core();
    const { folder, location, adapt, form, thumbnailLimit } = params;
    const memory = params.memory === undefined ? undefined : params.memory * 1e6;
    const pool = this.#pool(core, params.device ?? "auto");
    const warn = (message: string) => this.#log("warn", message);
    const options = { location, adapt, form, thumbnailLimit, warn, memory };
    const index = await core.FolderIndex.open(folder, pool, modelFile, options);
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
      }, device);
      this.#pools.set(device, pool);
    }
    return pool;
  }
}

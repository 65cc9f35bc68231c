import type { EngineNotifications, FolderParams } from "../shared/index.ts";

type Core = typeof import("../core/index.ts");
type FolderIndex = Awaited<ReturnType<Core["FolderIndex"]["open"]>>;
type Log = (level: EngineNotifications["log"]["level"], message: string) => void;

/** The open indexes of this process. Core, with its native modules, is loaded at the first need, so that a process in
 * which it cannot be loaded still answers: each request says why. */
export class Folders {
  readonly #modelFile: string;
  readonly #log: Log;
  readonly #open = new Map<string, Promise<FolderIndex>>();
  #embedder: Promise<Awaited<ReturnType<Core["openEmbedder"]>>> | undefined;

  constructor(modelFile: string, log: Log) {
    this.#modelFile = modelFile;
    this.#log = log;
  }

  /** The index of a folder, opened at the first call and kept. */
  get({ folder, location }: FolderParams): Promise<FolderIndex> {
    const key = JSON.stringify([folder, location ?? ""]);
    let index = this.#open.get(key);
    if (index === undefined) {
      index = this.#openIndex(folder, location);
      this.#open.set(key, index);
      // A failure is not kept: the user may mend the cause and try again.
      index.catch(() => this.#open.delete(key));
    }
    return index;
  }

  async #openIndex(folder: string, location: string | undefined): Promise<FolderIndex> {
    const core = await this.#loadCore();
    this.#embedder ??= core.openEmbedder(this.#modelFile);
    this.#embedder.catch(() => {
      this.#embedder = undefined;
    });
    const embedder = await this.#embedder;
    const warn = (message: string) => this.#log("warn", message);
    const index = await core.FolderIndex.open(folder, embedder, { location, warn });
    this.#log("info", `Opened the index of ${folder} (model ${embedder.summary.name}, device ${embedder.device}).`);
    return index;
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

import { type Embedder, openEmbedder } from "./embedder.ts";

/** The loaded models of a process, by file: folders that use the same model share it. */
export class EmbedderPool {
  readonly #open = new Map<string, Promise<Embedder>>();
  /** Replaced by `reload`. */
  readonly #stale: Promise<Embedder>[] = [];
  readonly #load: (file: string) => Promise<Embedder>;

  constructor(load: (file: string) => Promise<Embedder> = openEmbedder) {
    this.#load = load;
  }

  /** @throws ModelError where the file is not a model of ours */
  get(file: string): Promise<Embedder> {
    let embedder = this.#open.get(file);
    if (embedder === undefined) {
      embedder = this.#load(file);
      this.#open.set(file, embedder);
      // A failure is not kept: the user may mend the cause and try again.
      embedder.catch(() => this.#open.delete(file));
    }
    return embedder;
  }

  /** Loads a file anew that was written again; whoever holds the old one may go on with it until the pool is released. */
  reload(file: string): Promise<Embedder> {
    const old = this.#open.get(file);
    this.#open.delete(file);
    if (old !== undefined) this.#stale.push(old);
    return this.get(file);
  }

  async release(): Promise<void> {
    const all = [...this.#open.values(), ...this.#stale.splice(0)];
    this.#open.clear();
    for (const embedder of await Promise.allSettled(all)) {
      if (embedder.status === "fulfilled") await embedder.value.release();
    }
  }
}

import { type Embedder, openEmbedder } from "./embedder.ts";

/** The loaded models of a process, by file: folders that use the same model share it. */
export class EmbedderPool {
  readonly #open = new Map<string, Promise<Embedder>>();
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

  /**
   * Loads a file anew that was written again. Whoever holds the old one may go on with it; the pool lets go of it, so that its
   * memory and threads are given back with the last one who does.
   */
  reload(file: string): Promise<Embedder> {
    this.#open.delete(file);
    return this.get(file);
  }

  /** A file was renamed: what was loaded of it goes by the new name, and what had that name before is let go. */
  renamed(from: string, to: string): void {
    const embedder = this.#open.get(from);
    this.#open.delete(from);
    this.#open.delete(to);
    if (embedder !== undefined) this.#open.set(to, embedder);
  }

  async release(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    for (const embedder of await Promise.allSettled(all)) {
      if (embedder.status === "fulfilled") await embedder.value.release();
    }
  }
}

import { Explainer } from "../explain/index.ts";
import { ExactSearch, Gallery } from "../retrieval/index.ts";
import type { Embedder } from "../runtime/index.ts";
import { indexFile } from "./location.ts";
import { openSqliteStore } from "./sqliteStore.ts";
import type { Store } from "./store.ts";

/** The index of a folder with one model: its store, and the embeddings in memory once they were asked for. */
export class Searchable {
  readonly embedder: Embedder;
  readonly store: Store;
  readonly search: ExactSearch;
  readonly gallery: Gallery;
  #loaded = false;
  #explainer: Promise<Explainer> | undefined;

  /** @throws StoreError where the place of the index cannot be used */
  static async open(
    folder: string,
    location: string,
    embedder: Embedder,
    warn: (message: string) => void,
  ): Promise<Searchable> {
    const { fingerprint } = embedder.summary;
    const file = indexFile(location, folder, fingerprint);
    const store = openSqliteStore(file, { folder, fingerprint, dim: embedder.dim }, warn);
    const search = await ExactSearch.create(embedder.manifest.descriptors.length);
    return new Searchable(embedder, store, search);
  }

  private constructor(embedder: Embedder, store: Store, search: ExactSearch) {
    this.embedder = embedder;
    this.store = store;
    this.search = search;
    this.gallery = new Gallery(embedder.manifest.descriptors.map((branch) => branch.dim));
  }

  /** Whether the gallery follows the store; before that it is empty. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Loads the embeddings at the first need, and again after another process changed the index. */
  async refresh(): Promise<void> {
    const changed = await this.store.changedByOthers();
    if (this.#loaded && !changed) return;
    this.gallery.clear();
    this.#loaded = true;
    for await (const { path, embedding } of this.store.embeddings()) this.gallery.set(path, embedding);
  }

  /** Loaded at the first need. */
  explainer(): Promise<Explainer> {
    if (this.#explainer === undefined) {
      const opened = Explainer.open(this.embedder);
      this.#explainer = opened;
      // A failure is not kept: the user may mend the cause and try again.
      opened.catch(() => {
        this.#explainer = undefined;
      });
    }
    return this.#explainer;
  }

  async close(): Promise<void> {
    await (await this.#explainer)?.release();
    await this.search.release();
    await this.store.close();
  }
}

import { totalmem } from "node:os";
import { Explainer } from "../explain/index.ts";
import type {
  BuildProgress,
  EmbeddedImage,
  IndexPlace,
  PastMemoryOptions,
  PastMemorySearch,
  Store,
  StoreObserver,
} from "../index/index.ts";
import type { Embedder } from "../runtime/index.ts";
import { Chance, ExactSearch, Gallery } from "../search/index.ts";
import { branchesOf } from "./queryParts.ts";

/** Bytes of embeddings that are held in memory where the user says nothing: a quarter of what the machine has. */
const DEFAULT_MEMORY = totalmem() / 4;

export interface SearchableOptions extends PastMemoryOptions {
  /** Bytes that the embeddings in memory may take; a quarter of the machine's where absent. */
  readonly memory?: number | undefined;
}

/**
 * The index of a folder with one model: its store, and how it is searched. While the embeddings fit into memory they are
 * held there once they were asked for; beyond that, candidates come from disk.
 */
export class Searchable {
  readonly #place: IndexPlace;
  readonly embedder: Embedder;
  readonly store: Store;
  readonly search: ExactSearch;
  readonly #dims: readonly number[];
  readonly #options: SearchableOptions;
  /** The moment up to which the gallery has what others changed. */
  #mark: string | undefined;
  /** Follows the store once it is there. */
  #gallery: Gallery | null = null;
  #pastMemory: Promise<PastMemorySearch> | null = null;
  #explainer: Promise<Explainer> | undefined;
  /** Of so many images. */
  #chance: { readonly count: number; readonly of: Chance | null } | undefined;
  #chanceOfWords: { readonly count: number; readonly score: number | null } | undefined;
  #searchOfOne: Promise<ExactSearch> | undefined;

  /** @throws StoreError where the place of the index cannot be used */
  static async open(
    folder: string,
    place: IndexPlace,
    embedder: Embedder,
    options: SearchableOptions,
  ): Promise<Searchable> {
    const { name, fingerprint } = embedder.summary;
    const store = await place.openStore({ folder, fingerprint, model: name, dim: embedder.dim }, options.warn);
    const search = await ExactSearch.create(embedder.manifest.descriptors.length);
    return new Searchable(place, embedder, store, search, options);
  }

  private constructor(
    place: IndexPlace,
    embedder: Embedder,
    store: Store,
    search: ExactSearch,
    options: SearchableOptions,
  ) {
    this.#place = place;
    this.embedder = embedder;
    this.store = store;
    this.search = search;
    this.#dims = embedder.manifest.descriptors.map((branch) => branch.dim);
    this.#options = options;
  }

  /** What scores are chance here; null past memory, and where the images are too few to tell. */
  async chance(): Promise<Chance | null> {
    const { gallery } = await this.#ready();
    if (gallery === null) return null;
    const { count } = gallery;
    // A folder that grows a little has the same chances.
    if (this.#chance === undefined || Math.abs(count - this.#chance.count) > count / 50) {
      this.#chance = { count, of: Chance.of(Chance.sample(count).map((row) => gallery.branches(row))) };
    }
    return this.#chance.of;
  }

  /**
   * Up to which score random words are like the images here; null past memory, and where the images are too few to tell.
   * @param words embeddings of random words in the space of the branch, asked for where they are needed
   */
  async chanceOfWords(branch: number, words: () => readonly Float32Array[]): Promise<number | null> {
    const { gallery } = await this.#ready();
    if (gallery === null) return null;
    const { count } = gallery;
    if (this.#chanceOfWords === undefined || Math.abs(count - this.#chanceOfWords.count) > count / 50) {
      const images = Chance.sample(count).map((row) => gallery.embedding(row, branch));
      this.#chanceOfWords = { count, score: Chance.limitOfWords(images, words()) };
    }
    return this.#chanceOfWords.score;
  }

  /** The exact search of one branch alone. */
  searchOfOne(): Promise<ExactSearch> {
    this.#searchOfOne ??= ExactSearch.create(1);
    return this.#searchOfOne;
  }

  /** Number of images; nothing is loaded for it. */
  count(): Promise<number> {
    return this.store.count();
  }

  /** The branches of an indexed image, each float32 `[dim]` of norm 1; copies. */
  async stored(path: string): Promise<Float32Array[] | undefined> {
    const { gallery, pastMemory } = await this.#ready();
    const row = gallery?.rowOf(path);
    if (gallery !== null) return row === undefined ? undefined : gallery.branches(row);
    const embedding = await pastMemory?.embeddingOf(path);
    return embedding === undefined ? undefined : branchesOf(embedding, this.#dims);
  }

  /**
   * The images that may be in one of a query's lists: all of them where they are in memory.
   * @param branches the query, one float32 `[dim]` of norm 1 each
   * @param k length of the lists, examples that are left out later included
   * @param under only images under this folder are asked for
   * @param accepts only these images are asked for
   */
  async candidates(
    branches: readonly Float32Array[],
    k: number,
    shares: readonly number[],
    under?: string,
    accepts?: (path: string) => boolean,
  ): Promise<Gallery> {
    const { gallery, pastMemory } = await this.#ready();
    return gallery ?? pastMemory!.candidates({ branches, k, shares }, under?.replace(/\/+$/, ""), accepts);
  }

  /** Whether a gallery holds every image: past memory it holds candidates. */
  isWhole(gallery: Gallery): boolean {
    return gallery === this.#gallery;
  }

  /** Follows the store, which has taken these images. */
  #put(images: readonly EmbeddedImage[]): void {
    if (this.#gallery === null) return;
    for (const { image, embedding } of images) this.#gallery.set(image.path, embedding);
    if (!this.#fits(this.#gallery.count)) this.#gallery = null;
  }

  /** Follows the store, which has forgotten these images. */
  #drop(paths: readonly string[]): void {
    for (const path of paths) this.#gallery?.delete(path);
  }

  /** @param turn runs its argument while nobody searches */
  observer(turn: (work: () => void) => Promise<void>): StoreObserver {
    return {
      stored: (images) => turn(() => this.#put(images)),
      dropped: (paths) => turn(() => this.#drop(paths)),
    };
  }

  /**
   * Builds what makes a search past memory fast, or brings it up to date; where all fits into memory, nothing.
   * @param signal ends the waiting; the work goes on as long as the index is open
   * @param always also where all fits
   */
  async prepare(signal?: AbortSignal, onProgress?: (progress: BuildProgress) => void, always = false): Promise<void> {
    if (!always && this.#fits(await this.store.count())) return;
    const built = (await this.#openPastMemory()).build(onProgress);
    await Promise.race([built, aborted(signal)]);
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
    await (await this.#pastMemory)?.close();
    await this.search.release();
    await (await this.#searchOfOne)?.release();
    await this.store.close();
  }

  /** Loads the embeddings at the first need, and again after another process changed the index; or sees to the disk. */
  async #ready(): Promise<{ readonly gallery: Gallery | null; readonly pastMemory: PastMemorySearch | null }> {
    const changed = await this.store.changedByOthers();
    if (this.#gallery !== null && !changed) return { gallery: this.#gallery, pastMemory: null };
    if (this.#gallery !== null && (await this.#followed(this.#gallery))) {
      return { gallery: this.#gallery, pastMemory: null };
    }
    const count = await this.store.count();
    this.#gallery = null;
    if (!this.#fits(count)) {
      const pastMemory = await this.#openPastMemory();
      if (!pastMemory.buildsUnasked) return { gallery: null, pastMemory };
      // Not waited for: what is not covered yet is scanned.
      pastMemory.build().catch((error: unknown) => {
        // Ended by closing: what was finished stays, and the next search goes on.
        if (error instanceof Error && error.name === "AbortError") return;
        this.#options.warn(`${this.store.place}: searching stays slow (${String(error)}).`);
      });
      return { gallery: null, pastMemory };
    }
    await this.#closePastMemory();
    const gallery = new Gallery(this.#dims);
    gallery.reserve(count);
    this.#mark = await this.store.following?.mark();
    for await (const { path, embedding } of this.store.embeddings()) gallery.set(path, embedding);
    this.#gallery = gallery;
    return { gallery, pastMemory: null };
  }

  /** Takes over what others changed. @returns false where everything has to be read again */
  async #followed(gallery: Gallery): Promise<boolean> {
    const { following } = this.store;
    if (following === undefined || this.#mark === undefined) return false;
    const mark = await following.mark();
    // Half of the changes are no state at all.
    this.#gallery = null;
    for await (const { path, embedding } of following.since(this.#mark)) {
      if (embedding === null) gallery.delete(path);
      else gallery.set(path, embedding);
    }
    this.#mark = mark;
    this.#gallery = gallery;
    const count = await this.store.count();
    return gallery.count === count && this.#fits(count);
  }

  #fits(count: number): boolean {
    const bytes = 4 * count * this.#dims.reduce((sum, dim) => sum + dim, 0);
    return bytes <= (this.#options.memory ?? DEFAULT_MEMORY);
  }

  #openPastMemory(): Promise<PastMemorySearch> {
    this.#pastMemory ??= this.#place.openPastMemory(this.store, this.#dims, this.search, this.#options);
    return this.#pastMemory;
  }

  async #closePastMemory(): Promise<void> {
    await (await this.#pastMemory)?.close();
    this.#pastMemory = null;
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

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
import { type Chance, ExactSearch, type Gallery, keepKindsTogether, ScanError } from "../search/index.ts";
import { HeldChances } from "./heldChances.ts";
import { type HeldImages, type HoldOptions, hold, wayToHold } from "./heldImages.ts";
import { branchesOf, insideOf } from "./queryParts.ts";

export interface SearchableOptions extends PastMemoryOptions, HoldOptions {}

/**
 * The index of a folder with one model: its store, and how it is searched. While the embeddings fit into memory they are
 * held there once they were asked for, many of them as codes; beyond that, candidates come from disk.
 */
export class Searchable {
  readonly #place: IndexPlace;
  readonly embedder: Embedder;
  readonly store: Store;
  readonly search: ExactSearch;
  readonly #dims: readonly number[];
  readonly #options: SearchableOptions;
  /** The moment up to which the images held have what others changed. */
  #mark: string | undefined;
  /** Follows the store once it is there. */
  #held: HeldImages | null = null;
  #way: "whole" | "codes" | null = null;
  /** Whether searching codes failed here. */
  #codesFail = false;
  #pastMemory: Promise<PastMemorySearch> | null = null;
  #explainer: Promise<Explainer> | undefined;
  readonly #chances = new HeldChances();
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
    const { held } = await this.#ready();
    return held === null ? null : this.#chances.of(held);
  }

  /**
   * Up to which score random words are like the images here; null past memory, and where the images are too few to tell.
   * @param words embeddings of random words in the space of the branch, asked for where they are needed
   */
  async chanceOfWords(branch: number, words: () => readonly Float32Array[]): Promise<number | null> {
    const { held } = await this.#ready();
    return held === null ? null : this.#chances.ofWords(held, branch, words);
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
    const { held, pastMemory } = await this.#ready();
    if (held !== null) return (await held.branchesOf([path]))[0];
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
    const { held, pastMemory } = await this.#ready();
    if (held === null) return pastMemory!.candidates({ branches, k, shares }, under?.replace(/\/+$/, ""), accepts);
    try {
      return await held.candidates({ branches, k, shares, within: insideOf(held, under, accepts) });
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      this.#giveUpCodes(error);
      return this.candidates(branches, k, shares, under, accepts);
    }
  }

  /** Whether all images are in memory, so that what is near any of them can be asked. */
  async isHeld(): Promise<boolean> {
    return (await this.#ready()).held !== null;
  }

  /** `keepKindsTogether`, to be asked where all images are in memory. */
  async kindsTogether(
    branches: readonly Float32Array[],
    gallery: Gallery,
    ranked: readonly number[],
    shares: readonly number[],
  ): Promise<number[]> {
    const held = this.#held!;
    // Of a hundred searches most ask for the same rows.
    const read = new Map<number, Float32Array>();
    return keepKindsTogether(this.search, branches, gallery, ranked, shares, (own, k, also) =>
      held.candidates({ branches: own, k, shares, also, read, combinedEnds: true }),
    );
  }

  /** Follows the store, which has taken these images. */
  #put(images: readonly EmbeddedImage[]): void {
    if (this.#held === null) return;
    try {
      for (const { image, embedding } of images) this.#held.set(image.path, embedding);
    } catch (error) {
      // What is stored is stored: a search that has no room for it is no reason to end a run.
      this.#giveUpCodes(error);
    }
    if (this.#held === null) return;
    if (this.#wayToHold(this.#held.count) !== this.#way) this.#forget();
  }

  /** Follows the store, which has forgotten these images. */
  #drop(paths: readonly string[]): void {
    for (const path of paths) this.#held?.delete(path);
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
    if (!always && this.#wayToHold(await this.store.count()) !== null) return;
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
    await this.#held?.close();
    await this.search.release();
    await (await this.#searchOfOne)?.release();
    await this.store.close();
  }

  /** Loads the embeddings at the first need, and again after another process changed the index; or sees to the disk. */
  async #ready(): Promise<{ readonly held: HeldImages | null; readonly pastMemory: PastMemorySearch | null }> {
    const changed = await this.store.changedByOthers();
    if (this.#held !== null && !changed) return { held: this.#held, pastMemory: null };
    if (this.#held !== null && (await this.#followed(this.#held))) return { held: this.#held, pastMemory: null };
    this.#forget();
    const count = await this.store.count();
    const way = this.#wayToHold(count);
    if (way === null) {
      const pastMemory = await this.#openPastMemory();
      if (!pastMemory.buildsUnasked) return { held: null, pastMemory };
      // Not waited for: what is not covered yet is scanned.
      pastMemory.build().catch((error: unknown) => {
        // Ended by closing: what was finished stays, and the next search goes on.
        if (error instanceof Error && error.name === "AbortError") return;
        this.#options.warn(`${this.store.place}: searching stays slow (${String(error)}).`);
      });
      return { held: null, pastMemory };
    }
    await this.#closePastMemory();
    try {
      const held = await this.#load(way, count);
      [this.#held, this.#way] = [held, way];
      return { held, pastMemory: null };
    } catch (error) {
      if (way === "whole" || !(error instanceof RangeError)) throw error;
      this.#giveUpCodes(error);
      return this.#ready();
    }
  }

  async #load(way: "whole" | "codes", count: number): Promise<HeldImages> {
    const held = hold(way, count, this.#dims, this.store, this.search, this.#options);
    this.#mark = await this.store.following?.mark();
    for await (const { path, embedding, key, mark } of this.store.embeddings()) held.set(path, embedding, key, mark);
    return held;
  }

  /** Takes over what others changed. @returns false where everything has to be read again */
  async #followed(held: HeldImages): Promise<boolean> {
    const { following } = this.store;
    if (following === undefined || this.#mark === undefined) return false;
    const mark = await following.mark();
    // Half of the changes are no state at all.
    this.#held = null;
    for await (const { path, embedding } of following.since(this.#mark)) {
      if (embedding === null) held.delete(path);
      else held.set(path, embedding);
    }
    this.#mark = mark;
    this.#held = held;
    const count = await this.store.count();
    return held.count === count && this.#wayToHold(count) === this.#way;
  }

  #wayToHold(count: number): "whole" | "codes" | null {
    const options = this.#codesFail ? { ...this.#options, kernel: () => null } : this.#options;
    return wayToHold(count, this.#dims, options);
  }

  #giveUpCodes(error: unknown): void {
    this.#codesFail = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.warn(`${this.store.place}: ${reason} It is searched without codes from now on.`);
    this.#forget();
  }

  #forget(): void {
    // Its threads end by themselves; nobody waits for them.
    this.#held?.close().catch(() => {});
    this.#held = null;
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

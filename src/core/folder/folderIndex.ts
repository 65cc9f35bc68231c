import { resolve } from "node:path";
import type {
  ExplainQuery,
  ExplainResult,
  FirstLook,
  FolderStatus,
  FormChoice,
  IndexProgress,
  IndexSummary,
  KindsGain,
  Mark,
  ModelManifest,
  SimilarQuery,
  SimilarResult,
  SuggestedWeights,
} from "../../shared/index.ts";
import type { ThumbnailImage } from "../images/index.ts";
import {
  type CopyOptions,
  type CopySummary,
  openPlace,
  openThumbnailCache,
  type StoreHealth,
  type ThumbnailCache,
  type UpdateOptions,
} from "../index/index.ts";
import type { EmbedderPool } from "../runtime/index.ts";
import type { IndexSnapshot, IndexSource } from "../search/index.ts";
import { copyIndex } from "./copyIndex.ts";
import { embedParts } from "./embedParts.ts";
import { factsOf } from "./facts.ts";
import { pathIn, requireFolder } from "./filePlace.ts";
import { type FirstLookOptions, firstLook } from "./firstLook.ts";
import { FolderInUse } from "./folderInUse.ts";
import { chooseByMarks, pairsToMark } from "./folderMarks.ts";
import { FolderModel } from "./folderModel.ts";
import { explainPair, findSimilar } from "./folderQuery.ts";
import { arrange, runLocked } from "./folderRun.ts";
import { chooseIfDue, suggestWeights, type WeightsAsked } from "./folderWeights.ts";
import { heldWeights, holdWeights } from "./heldWeights.ts";
import { nameSnapshot } from "./indexSnapshot.ts";
import { measureKinds } from "./measureKinds.ts";
import { measureSearch, type SearchMeasure } from "./measureSearch.ts";
import { shareThumbnails } from "./shareThumbnails.ts";
import { thumbnailOf } from "./thumbnail.ts";

export interface OpenOptions {
  /** Folder that holds indexes, or the address of a database; the user's data folder where absent. */
  readonly location?: string | undefined;
  /** Whether the model is adapted to the folder before its first index, and the adapted one used; by default it is. */
  readonly adapt?: boolean | undefined;
  /** In which form the model is used; `auto` where absent. */
  readonly form?: FormChoice | undefined;
  /** Bytes of thumbnails that are kept on disk. */
  readonly thumbnailLimit?: number | undefined;
  /** Told of what needs no answer but belongs in a log. */
  readonly warn?: (message: string) => void;
  /** Bytes that the embeddings in memory may take; a quarter of the machine's where absent. Beyond, they stay on disk. */
  readonly memory?: number | undefined;
}

/** The index of one folder: kept on disk, searched in memory, with a model or its form that is adapted to the folder. */
export class FolderIndex {
  readonly folder: string;
  readonly #use: FolderInUse;
  readonly #thumbnails: ThumbnailCache;
  #progress: IndexProgress | null = null;

  /**
   * Opens the index of a folder, or makes an empty one.
   * @param pool where the model is loaded, and its adapted form
   * @param modelFile the model before any adaptation
   * @throws StoreError where the folder or the place of the index cannot be used
   * @throws ModelError where the model cannot be used
   */
  static async open(
    folder: string,
    pool: EmbedderPool,
    modelFile: string,
    options: OpenOptions = {},
  ): Promise<FolderIndex> {
    const absolute = resolve(folder);
    await requireFolder(absolute);
    const { adapt = true, form = "auto", warn = () => {}, memory } = options;
    const place = await openPlace(absolute, options.location, warn);
    try {
      const model = await FolderModel.of(absolute, place, pool, modelFile, form);
      const use = await FolderInUse.open(absolute, place, model, adapt, { warn, memory });
      return new FolderIndex(use, options.thumbnailLimit);
    } catch (error) {
      await place.close();
      throw error;
    }
  }

  private constructor(use: FolderInUse, thumbnailLimit: number | undefined) {
    this.folder = use.folder;
    this.#use = use;
    this.#thumbnails = openThumbnailCache(use.place.folder, thumbnailLimit);
  }

  /** Of the model in use: the one that was given, or its form that is adapted to the folder. */
  get modelFile(): string {
    return this.#use.current.embedder.file;
  }

  /** Where the index is kept. */
  get kind(): "sqlite" | "postgres" {
    return this.#use.place.kind;
  }

  /** Of the database server; null where there is none. */
  get software(): string | null {
    return this.#use.place.software;
  }

  /** Of the model in use. */
  get manifest(): ModelManifest {
    return this.#use.current.embedder.manifest;
  }

  async status(): Promise<FolderStatus> {
    const indexed = await this.#use.turn(() => this.#use.current.count());
    const { embedder, store } = this.#use.current;
    return {
      folder: this.folder,
      indexed,
      skipped: (await store.skipped()).length,
      device: embedder.device,
      deviceReport: embedder.deviceReport,
      model: embedder.summary,
      location: store.place,
      progress: this.#progress,
    };
  }

  /**
   * Adapts the model to the folder where that is due, and brings the index up to date with the files. One run at a time:
   * where another process is at work on the folder, this one waits for it, and then has little left to do.
   */
  async update(options: UpdateOptions = {}): Promise<IndexSummary> {
    if (this.#progress !== null) throw new Error(`${this.folder} is being indexed already.`);
    const onProgress = (progress: IndexProgress) => {
      this.#progress = progress;
      options.onProgress?.(progress);
    };
    const started = performance.now();
    const tell = (phase: IndexProgress["phase"]) =>
      onProgress({ phase, done: 0, total: 0, skipped: 0, imagesPerSecond: 0, secondsLeft: null });
    tell("scanning");
    try {
      // Since it was opened it may have been taken away, or replaced.
      await requireFolder(this.folder);
      const summary = await runLocked(this.#use, this.#thumbnails, { ...options, onProgress }, () => tell("waiting"));
      if (options.shareThumbnails) await shareThumbnails(this.#use, { ...options, onProgress });
      // One run arranges when all shards are there.
      if (options.shard === undefined) await this.#completeRun(summary, { ...options, onProgress });
      return { ...summary, seconds: (performance.now() - started) / 1000 };
    } finally {
      this.#progress = null;
      this.#use.tellMissed();
    }
  }

  async #completeRun({ unchanged }: IndexSummary, options: UpdateOptions): Promise<void> {
    await chooseIfDue(this.#use, this.source(), unchanged === 0, options.signal);
    await arrange(this.#use, options);
  }

  /**
   * What a run of the whole ends with, for shards: chooses weights where that is due, and builds what makes a search past memory fast.
   * Where all fits into memory nothing is built, but for a database: others may have less.
   */
  async finish(options: Pick<UpdateOptions, "signal" | "onProgress"> = {}): Promise<void> {
    await chooseIfDue(this.#use, this.source(), false, options.signal);
    await arrange(this.#use, options, this.kind === "postgres");
  }

  /** Copies the folder's index from another place (`copyIndex`). */
  copyFrom(from: string, options: CopyOptions = {}): Promise<CopySummary> {
    return copyIndex(this.#use, from, options);
  }

  /** How long a search takes, and how much it finds of what an exact one does. */
  measure(): Promise<SearchMeasure> {
    return measureSearch(this.#use);
  }

  /**
   * The images most alike to a query, per branch and combined (`findSimilar`).
   * @param accepts only images with these paths may be found; all may where absent
   */
  similar(query: SimilarQuery, accepts?: (path: string) => boolean): Promise<SimilarResult> {
    return findSimilar(this.#use, query, accepts);
  }

  /** The most alike among the first images, while there is no index (`firstLook`). */
  firstLook(query: SimilarQuery, options?: FirstLookOptions): Promise<FirstLook | null> {
    return this.#use.turn(() => firstLook(this.#use, query, options));
  }

  /** Which regions of two images make their score in each branch (`explainPair`). */
  explain(asked: ExplainQuery): Promise<ExplainResult> {
    return explainPair(this.#use, asked);
  }

  /** Embeds a part of each of some images (`embedParts`). */
  embedParts(
    ...asked: Parameters<typeof embedParts> extends [unknown, ...infer Rest] ? Rest : never
  ): ReturnType<typeof embedParts> {
    return embedParts(this.#use, ...asked);
  }

  /** The weights of the branches that the index holds; null where it holds none. */
  weights(): Promise<SuggestedWeights | null> {
    return heldWeights(this.#use);
  }

  /** Chooses weights (`suggestWeights`). @param keep whether the index is to hold them: they are then in force */
  async suggestWeights(asked: WeightsAsked, keep: boolean): Promise<SuggestedWeights> {
    const weights = await suggestWeights(this.#use, this.source(), asked);
    if (keep) await holdWeights(this.#use, weights);
    return weights;
  }

  /** Adds marks, and chooses weights by all there are (`chooseByMarks`). */
  mark(marks: readonly Mark[], signal?: AbortSignal): Promise<SuggestedWeights> {
    return chooseByMarks(this.#use, this.source(), marks, signal);
  }

  /** Pairs of images to be marked (`pairsToMark`). */
  pairsToMark(first: string | null): Promise<Omit<Mark, "belongs">[]> {
    return pairsToMark(this.#use, first);
  }

  /** What keeping kinds together does to MAP@R here (`measureKinds`). */
  measureKinds(labels: ReadonlyMap<string, readonly string[]>, signal?: AbortSignal): Promise<KindsGain | null> {
    return measureKinds(this.#use, labels, signal);
  }

  /** Whether the index is what it should be. */
  health(): Promise<StoreHealth> {
    return this.#use.current.store.health();
  }

  /** All embeddings in path order, as they are now. Close it after use. */
  async snapshot(): Promise<IndexSnapshot> {
    return nameSnapshot(await this.#use.current.store.snapshot(), this.#use.current.embedder);
  }

  /** Path of an indexed image with this content, relative to the folder. @param hash SHA-256 of the file */
  withContent(hash: Uint8Array): Promise<string | undefined> {
    return this.#use.turn(() => this.#use.current.store.holder(hash));
  }

  /** A small picture of an image file, from the cache where the file is indexed. @throws ImageError */
  thumbnail(image: string, size: number): Promise<ThumbnailImage> {
    return thumbnailOf(this.#use, this.#thumbnails, image, size);
  }

  /** All embeddings as they are on disk; valid until the index is closed, or the model adapted anew. */
  source(): IndexSource {
    const { embedder, store } = this.#use.current;
    return {
      model: embedder.summary,
      dims: embedder.manifest.descriptors.map((branch) => branch.dim),
      place: this.#use.place.file(embedder.summary.fingerprint),
      paths: async () => (await store.images()).map((image) => image.path),
      record: (path) => store.find(path),
      version: async () => `${store.place} ${await store.version()}`,
      embeddings: () => store.embeddings(),
    };
  }

  /** Size and time of images, in the order of their paths (`factsOf`). */
  facts(paths: readonly string[], signal?: AbortSignal): ReturnType<typeof factsOf> {
    return factsOf(this.#use.current.store, paths, signal);
  }

  /** Path of a file relative to the folder, with `/`; null where it lies outside. Links are resolved where needed. */
  relativePath(file: string): string | null {
    return pathIn(this.folder, file);
  }

  /** Calls after others changed the index (`FolderInUse.watch`); of what they change during an update, at its end. */
  watch(every: number, changed: () => void): () => void {
    return this.#use.watch(every, changed, () => this.#progress !== null);
  }

  /** Waits for what is under way in memory; an update must have ended. */
  async close(): Promise<void> {
    this.#use.endWatches();
    await this.#use.turn(async () => {
      this.#thumbnails.close();
      await this.#use.current.close();
      await this.#use.place.close();
    });
  }
}

import { promises as fs, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import pLimit from "p-limit";
import type {
  ExplainQuery,
  ExplainResult,
  FolderStatus,
  IndexProgress,
  IndexSummary,
  ModelManifest,
  SimilarQuery,
  SimilarResult,
} from "../../shared/index.ts";
import { MIN_IMAGES } from "../adaptation/index.ts";
import { makeThumbnail, type ThumbnailImage } from "../images/index.ts";
import { checkBox, checkQuery, combineExamples, type EmbeddedExample, nameResult } from "../retrieval/index.ts";
import type { Embedder, EmbedderPool } from "../runtime/index.ts";
import type { IndexSource } from "./embeddingSource.ts";
import { FolderModel } from "./folderModel.ts";
import { type IndexSnapshot, nameSnapshot } from "./indexSnapshot.ts";
import { defaultLocation, pathInside } from "./location.ts";
import { sameState } from "./plan.ts";
import { decodeQuery, embedImage, insideOf } from "./queryParts.ts";
import { lockRuns } from "./runLock.ts";
import { Searchable, type SearchableOptions } from "./searchable.ts";
import { putAsideDamaged } from "./sqliteStore.ts";
import { type EmbeddedImage, StoreError, type StoreHealth } from "./store.ts";
import { openThumbnailCache, type ThumbnailCache } from "./thumbnailCache.ts";
import { type UpdateOptions, updateStore } from "./update.ts";

export interface OpenOptions {
  /** Folder that holds indexes; the user's data folder where absent. */
  readonly location?: string | undefined;
  /** Whether the model is adapted to the folder before its first index, and the adapted one used; by default it is. */
  readonly adapt?: boolean | undefined;
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
  readonly #location: string;
  readonly #model: FolderModel;
  readonly #adapt: boolean;
  readonly #warn: (message: string) => void;
  readonly #memory: number | undefined;
  readonly #thumbnails: ThumbnailCache;
  /** Gallery and search take turns: a search reads the matrices while nothing moves their rows. */
  readonly #turn = pLimit(1);
  #current: Searchable;
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
    const location = resolve(options.location || defaultLocation());
    const isFolder = await fs.stat(absolute).then(
      (stat) => stat.isDirectory(),
      () => false,
    );
    if (!isFolder) throw new StoreError(`${absolute} is not a folder that can be read. Choose a folder of images.`);
    const { adapt = true, warn = () => {}, memory } = options;
    const model = await FolderModel.of(absolute, location, pool, modelFile);
    const embedder = await (adapt ? model.adaptedOrBase(warn) : model.base());
    const current = await Searchable.open(absolute, location, embedder, { warn, memory });
    return new FolderIndex(absolute, location, model, adapt, { warn, memory }, current, options.thumbnailLimit);
  }

  private constructor(
    folder: string,
    location: string,
    model: FolderModel,
    adapt: boolean,
    { warn, memory }: SearchableOptions,
    current: Searchable,
    thumbnailLimit: number | undefined,
  ) {
    this.folder = folder;
    this.#location = location;
    this.#model = model;
    this.#adapt = adapt;
    this.#warn = warn;
    this.#memory = memory;
    this.#current = current;
    this.#thumbnails = openThumbnailCache(current.store.place, thumbnailLimit);
  }

  /** Of the model in use. */
  get manifest(): ModelManifest {
    return this.#current.embedder.manifest;
  }

  async status(): Promise<FolderStatus> {
    const indexed = await this.#turn(() => this.#current.count());
    const { embedder, store } = this.#current;
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
      const summary = await this.#runLocked({ ...options, onProgress }, () => tell("waiting"));
      await this.#arrange({ ...options, onProgress });
      return { ...summary, seconds: (performance.now() - started) / 1000 };
    } finally {
      this.#progress = null;
    }
  }

  async #runLocked(options: UpdateOptions, onWait: () => void): Promise<IndexSummary> {
    const unlock = await lockRuns(dirname(this.#current.store.place), { signal: options.signal, onWait });
    try {
      const summary = await this.#run(options).catch((error: unknown) => {
        if (!(error instanceof StoreError && error.damaged)) throw error;
        return this.#startOver(options);
      });
      const { store } = this.#current;
      if (summary.removed + summary.updated > 0) await this.#thumbnails.prune((hash) => store.holds(hash));
      return summary;
    } finally {
      unlock();
    }
  }

  /** After the run's lock was given back: it may take minutes, and takes turns by itself. */
  async #arrange({ signal, onProgress = () => {} }: UpdateOptions): Promise<void> {
    try {
      await this.#current.prepare(signal, ({ done, total }) =>
        onProgress({ phase: "arranging", done, total, skipped: 0, imagesPerSecond: 0, secondsLeft: null }),
      );
    } catch (error) {
      signal?.throwIfAborted();
      // The index is up to date, and can be searched without it.
      this.#warn(`${this.#current.store.place}: searching stays slow (${String(error)}).`);
    }
  }

  async #run(options: UpdateOptions): Promise<IndexSummary> {
    if (!this.#adapt) return this.#updateWith(this.#current, options);
    await this.#takeOverAdapted();
    if (!(await this.#adaptationIsDue(options))) return this.#updateWith(this.#current, options);
    const adapted = await this.#model.adapt(options);
    if (adapted === null) return this.#updateWith(this.#current, options);
    if (adapted.embedder.summary.fingerprint === this.#current.embedder.summary.fingerprint) {
      await adapted.adopt();
      return this.#updateWith(this.#current, options);
    }
    const next = await this.#open(adapted.embedder);
    if ((await this.#current.store.images()).length === 0) {
      // Nothing to go on with until the new index is ready: it is shown as it grows, and a run that dies is continued.
      await adapted.adopt();
      await this.#replaceBy(next);
      return this.#updateWith(next, options);
    }
    let ready = false;
    try {
      const summary = await this.#updateWith(next, options);
      await adapted.adopt();
      ready = true;
      await this.#replaceBy(next);
      return summary;
    } finally {
      if (!ready) await next.close();
    }
  }

  /** The index's file turned out to be broken: it is put aside, and everything is embedded into a new one. */
  async #startOver(options: UpdateOptions): Promise<IndexSummary> {
    await this.#turn(async () => {
      const { embedder, store } = this.#current;
      await this.#current.close();
      putAsideDamaged(store.place, this.#warn);
      this.#current = await this.#open(embedder);
    });
    return this.#updateWith(this.#current, options);
  }

  /** Another process may have adapted the model since this index was opened. */
  async #takeOverAdapted(): Promise<void> {
    const embedder = await this.#model.adaptedOrBase(this.#warn);
    if (embedder.summary.fingerprint === this.#current.embedder.summary.fingerprint) return;
    await this.#replaceBy(await this.#open(embedder));
  }

  #open(embedder: Embedder): Promise<Searchable> {
    return Searchable.open(this.folder, this.#location, embedder, { warn: this.#warn, memory: this.#memory });
  }

  #replaceBy(next: Searchable): Promise<void> {
    return this.#turn(async () => {
      const before = this.#current;
      this.#current = next;
      await before.close();
    });
  }

  #updateWith(current: Searchable, options: UpdateOptions): Promise<IndexSummary> {
    const observer = {
      stored: (images: readonly EmbeddedImage[]) => this.#turn(() => current.put(images)),
      dropped: (paths: readonly string[]) => this.#turn(() => current.drop(paths)),
    };
    return updateStore(this.folder, current.store, current.embedder, observer, options);
  }

  /** An adaptation embeds everything again, so it comes with a rebuild, or while next to nothing is embedded. */
  async #adaptationIsDue({ rebuild }: UpdateOptions): Promise<boolean> {
    if (rebuild) return true;
    if (await this.#model.isAdapted()) return false;
    return (await this.#current.store.images()).length < MIN_IMAGES;
  }

  /**
   * The images most alike to a query, per branch and combined. A file that is indexed and unchanged is not embedded
   * again; any other file, and any part of one, is embedded on the fly, inside the folder or not.
   * @param accepts only images with these paths may be found; all may where absent
   * @throws ImageError where a file cannot be decoded
   * @throws QueryError where the query cannot be answered: its examples cancel each other out, all weights are 0
   */
  async similar(query: SimilarQuery, accepts?: (path: string) => boolean): Promise<SimilarResult> {
    const { examples, k, only = {} } = query;
    const places = await Promise.all(examples.map(async (example) => this.#placeOf(example.image)));
    return this.#turn(async () => {
      const { embedder, search } = this.#current;
      const { descriptors } = embedder.summary;
      const { weights, shares } = checkQuery(query, descriptors);
      const embedded: EmbeddedExample[] = [];
      for (const [i, { image, sign, box }] of examples.entries()) {
        const { path, current } = places[i]!;
        const stored = box === undefined && current && path !== null ? await this.#current.stored(path) : undefined;
        embedded.push({ sign, branches: stored ?? (await embedImage(embedder, image, box)) });
      }
      const branches = combineExamples(embedded, descriptors);
      // The examples themselves are found too, and left out.
      const gallery = await this.#current.candidates(branches, k + examples.length, shares, only.folder, accepts);
      const rows = places.map(({ path }) => (path === null ? undefined : gallery.rowOf(path)));
      const result = await search.run(branches, gallery, k, {
        shares,
        without: rows.filter((row) => row !== undefined),
        within: insideOf(gallery, only.folder, accepts),
      });
      const shown = examples.map((example, i) => ({ ...example, image: places[i]!.path ?? resolve(example.image) }));
      return {
        query: shown[0]!.image,
        examples: shown,
        weights,
        model: embedder.summary,
        ...nameResult(result, descriptors, gallery, only.minScore),
      };
    });
  }

  /**
   * Which regions of two images make their score in each branch.
   * @param asked absolute paths of two images, inside the folder or not
   * @throws ImageError where a file cannot be decoded
   * @throws QueryError where the box is not inside the query
   */
  async explain(asked: ExplainQuery): Promise<ExplainResult> {
    if (asked.box !== undefined) checkBox(asked.box);
    return this.#turn(async () => {
      const { embedder } = this.#current;
      const query = await decodeQuery(embedder, asked.query, asked.box);
      const result = await decodeQuery(embedder, asked.result);
      return (await this.#current.explainer()).explain(query, result);
    });
  }

  /** Whether the index is what it should be. */
  health(): Promise<StoreHealth> {
    return this.#current.store.health();
  }

  /** All embeddings in path order, as they are now. Close it after use. */
  async snapshot(): Promise<IndexSnapshot> {
    return nameSnapshot(await this.#current.store.snapshot(), this.#current.embedder);
  }

  /** A small picture of an image file, from the cache where the file is indexed. @throws ImageError */
  async thumbnail(image: string, size: number): Promise<ThumbnailImage> {
    const { path, current } = await this.#placeOf(image);
    const record = path !== null && current ? await this.#current.store.find(path) : undefined;
    if (record === undefined) return makeThumbnail(image, size);
    const cached = this.#thumbnails.get(record.hash, size);
    if (cached !== undefined) return { bytes: cached, width: record.width, height: record.height };
    const made = await makeThumbnail(image, size);
    this.#thumbnails.put(record.hash, size, made.bytes);
    return made;
  }

  /** All embeddings as they are on disk; valid until the index is closed, or the model adapted anew. */
  source(): IndexSource {
    const { embedder, store } = this.#current;
    return {
      model: embedder.summary,
      dims: embedder.manifest.descriptors.map((branch) => branch.dim),
      place: store.place,
      paths: async () => (await store.images()).map((image) => image.path),
      record: (path) => store.find(path),
      version: async () => `${store.place} ${await store.version()}`,
      embeddings: () => store.embeddings(),
    };
  }

  /**
   * Size and time of images, in the order of their paths: square pixels, and milliseconds since 1970 of the last change.
   * NaN for one that is not in the index.
   */
  async facts(
    paths: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ readonly pixels: Float64Array; readonly modified: Float64Array }> {
    const { store } = this.#current;
    const pixels = new Float64Array(paths.length).fill(Number.NaN);
    const modified = new Float64Array(paths.length).fill(Number.NaN);
    for (const [i, path] of paths.entries()) {
      // Looking up a hundred thousand takes a second.
      if (i % 1024 === 1023) await setImmediate();
      signal?.throwIfAborted();
      const record = await store.find(path);
      if (record === undefined) continue;
      pixels[i] = record.width * record.height;
      modified[i] = record.mtimeMs;
    }
    return { pixels, modified };
  }

  /** Path of a file relative to the folder, with `/`; null where it lies outside. Links are resolved where needed. */
  relativePath(file: string): string | null {
    const direct = pathInside(this.folder, resolve(file));
    if (direct !== null) return direct;
    try {
      return pathInside(realpathSync(this.folder), realpathSync(file));
    } catch {
      return null;
    }
  }

  /** Waits for what is under way in memory; an update must have ended. */
  async close(): Promise<void> {
    await this.#turn(async () => {
      this.#thumbnails.close();
      await this.#current.close();
    });
  }

  /** Path of a file in the folder, and whether what the index holds of it is of the file as it is now. */
  async #placeOf(image: string): Promise<{ readonly path: string | null; readonly current: boolean }> {
    const path = this.relativePath(image);
    return { path, current: path !== null && (await this.#isCurrent(path, image)) };
  }

  async #isCurrent(path: string, file: string): Promise<boolean> {
    const record = await this.#current.store.find(path);
    if (record === undefined) return false;
    try {
      const { mtimeMs, size } = await fs.stat(file);
      return sameState(record, { mtimeMs, size });
    } catch {
      return false;
    }
  }
}

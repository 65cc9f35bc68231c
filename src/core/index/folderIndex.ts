import { promises as fs, realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import pLimit from "p-limit";
import type { FolderStatus, IndexProgress, IndexSummary, ModelManifest, SimilarResult } from "../../shared/index.ts";
import { MIN_IMAGES } from "../adaptation/index.ts";
import { decodeForModel, ImageError, makeThumbnail, type ThumbnailImage } from "../images/index.ts";
import { type Gallery, nameResult } from "../retrieval/index.ts";
import type { Embedder, EmbedderPool } from "../runtime/index.ts";
import type { EmbeddingSource } from "./embeddingSource.ts";
import { FolderModel } from "./folderModel.ts";
import { type IndexSnapshot, nameSnapshot } from "./indexSnapshot.ts";
import { defaultLocation } from "./location.ts";
import { sameState } from "./plan.ts";
import { Searchable } from "./searchable.ts";
import { StoreError } from "./store.ts";
import { openThumbnailCache, type ThumbnailCache } from "./thumbnailCache.ts";
import { type UpdateOptions, updateStore } from "./update.ts";

export interface OpenOptions {
  /** Folder that holds indexes; the user's data folder where absent. */
  readonly location?: string | undefined;
  /** Whether the model is adapted to the folder before its first index, and the adapted one used; by default it is. */
  readonly adapt?: boolean | undefined;
  /** Told of what needs no answer but belongs in a log. */
  readonly warn?: (message: string) => void;
}

/** The index of one folder: kept on disk, searched in memory, with a model or its form that is adapted to the folder. */
export class FolderIndex {
  readonly folder: string;
  readonly #location: string;
  readonly #model: FolderModel;
  readonly #adapt: boolean;
  readonly #warn: (message: string) => void;
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
    const { adapt = true, warn = () => {} } = options;
    const model = await FolderModel.of(absolute, location, pool, modelFile);
    const embedder = await (adapt ? model.adaptedOrBase(warn) : model.base());
    const current = await Searchable.open(absolute, location, embedder, warn);
    return new FolderIndex(absolute, location, model, adapt, warn, current);
  }

  private constructor(
    folder: string,
    location: string,
    model: FolderModel,
    adapt: boolean,
    warn: (message: string) => void,
    current: Searchable,
  ) {
    this.folder = folder;
    this.#location = location;
    this.#model = model;
    this.#adapt = adapt;
    this.#warn = warn;
    this.#current = current;
    this.#thumbnails = openThumbnailCache(current.store.place);
  }

  /** Of the model in use. */
  get manifest(): ModelManifest {
    return this.#current.embedder.manifest;
  }

  async status(): Promise<FolderStatus> {
    await this.#turn(() => this.#current.refresh());
    const { embedder, gallery, store } = this.#current;
    return {
      folder: this.folder,
      indexed: gallery.count,
      skipped: (await store.skipped()).length,
      device: embedder.device,
      deviceReport: embedder.deviceReport,
      model: embedder.summary,
      location: store.place,
      progress: this.#progress,
    };
  }

  /** Adapts the model to the folder where that is due, and brings the index up to date with the files. One run at a time. */
  async update(options: UpdateOptions = {}): Promise<IndexSummary> {
    if (this.#progress !== null) throw new Error(`${this.folder} is being indexed already.`);
    const onProgress = (progress: IndexProgress) => {
      this.#progress = progress;
      options.onProgress?.(progress);
    };
    const started = performance.now();
    try {
      if (this.#adapt && (await this.#adaptationIsDue(options))) await this.#adaptModel({ ...options, onProgress });
      const summary = await this.#updateCurrent({ ...options, onProgress });
      return { ...summary, seconds: (performance.now() - started) / 1000 };
    } finally {
      this.#progress = null;
    }
  }

  #updateCurrent(options: UpdateOptions): Promise<IndexSummary> {
    const current = this.#current;
    const { gallery } = current;
    const observer = {
      stored: (images: readonly { image: { path: string }; embedding: Float32Array }[]) =>
        this.#turn(() => {
          if (current.loaded) for (const { image, embedding } of images) gallery.set(image.path, embedding);
        }),
      dropped: (paths: readonly string[]) =>
        this.#turn(() => {
          for (const path of paths) gallery.delete(path);
        }),
    };
    return updateStore(this.folder, current.store, current.embedder, observer, options);
  }

  /** An adaptation embeds everything again, so it comes with a rebuild, or while next to nothing is embedded. */
  async #adaptationIsDue({ rebuild }: UpdateOptions): Promise<boolean> {
    if (rebuild) return true;
    if (await this.#model.isAdapted()) return false;
    return (await this.#current.store.images()).length < MIN_IMAGES;
  }

  async #adaptModel(options: UpdateOptions): Promise<void> {
    const embedder = await this.#model.adapt(options);
    if (embedder === null) return;
    const next = await Searchable.open(this.folder, this.#location, embedder, this.#warn);
    await this.#turn(async () => {
      const before = this.#current;
      this.#current = next;
      await before.close();
    });
  }

  /**
   * The `k` images most alike to an image file, per branch and combined. A file that is indexed and unchanged is not
   * embedded again; any other file is embedded on the fly, inside the folder or not.
   * @throws ImageError where the file cannot be decoded
   */
  async similar(image: string, k: number): Promise<SimilarResult> {
    const path = this.relativePath(image);
    const stored = path !== null && (await this.#isCurrent(path, image));
    return this.#turn(async () => {
      const { embedder, gallery, search } = this.#current;
      await this.#current.refresh();
      const own = path === null ? undefined : gallery.rowOf(path);
      const query = stored && own !== undefined ? storedQuery(gallery, own) : await embedQuery(embedder, image);
      const result = await search.run(query, gallery, k, own);
      return {
        query: path ?? resolve(image),
        model: embedder.summary,
        ...nameResult(result, embedder.summary.descriptors, gallery),
      };
    });
  }

  /** All embeddings in path order, as they are now. Close it after use. */
  async snapshot(): Promise<IndexSnapshot> {
    return nameSnapshot(await this.#current.store.snapshot(), this.#current.embedder);
  }

  /** A small picture of an image file, from the cache where the file is indexed. @throws ImageError */
  async thumbnail(image: string, size: number): Promise<ThumbnailImage> {
    const path = this.relativePath(image);
    const record =
      path !== null && (await this.#isCurrent(path, image)) ? await this.#current.store.find(path) : undefined;
    if (record === undefined) return makeThumbnail(image, size);
    const cached = this.#thumbnails.get(record.hash, size);
    if (cached !== undefined) return { bytes: cached, width: record.width, height: record.height };
    const made = await makeThumbnail(image, size);
    this.#thumbnails.put(record.hash, size, made.bytes);
    return made;
  }

  /** All embeddings as they are on disk; valid until the index is closed, or the model adapted anew. */
  source(): EmbeddingSource {
    const { embedder, store } = this.#current;
    return {
      model: embedder.summary,
      dims: embedder.manifest.descriptors.map((branch) => branch.dim),
      place: store.place,
      paths: async () => (await store.images()).map((image) => image.path),
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

function storedQuery(gallery: Gallery, row: number): Float32Array[] {
  // Copies: the search appends nothing, but a view dies with the next change of the gallery.
  return gallery.dims.map((_, b) => gallery.embedding(row, b).slice());
}

async function embedQuery(embedder: Embedder, image: string): Promise<Float32Array[]> {
  let decoded: Awaited<ReturnType<typeof decodeForModel>>;
  try {
    decoded = await decodeForModel(image, embedder.manifest.input);
  } catch (error) {
    if (error instanceof ImageError) throw new ImageError(`${image}: ${error.message}`, { cause: error });
    throw error;
  }
  const row = await embedder.embed(decoded.pixels, 1);
  return splitBranches(
    row,
    embedder.manifest.descriptors.map((branch) => branch.dim),
  );
}

function pathInside(folder: string, file: string): string | null {
  const path = relative(folder, file);
  if (path === "" || path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path)) return null;
  return path.split(sep).join("/");
}

function splitBranches(row: Float32Array, dims: readonly number[]): Float32Array[] {
  let offset = 0;
  return dims.map((dim) => {
    offset += dim;
    return row.subarray(offset - dim, offset);
  });
}

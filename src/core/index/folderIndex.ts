import { promises as fs, realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import pLimit from "p-limit";
import type { FolderStatus, IndexProgress, IndexSummary, SimilarResult } from "../../shared/index.ts";
import { decodeForModel, ImageError, makeThumbnail, type ThumbnailImage } from "../images/index.ts";
import { ExactSearch, Gallery, nameResult } from "../retrieval/index.ts";
import type { Embedder } from "../runtime/index.ts";
import type { EmbeddingSource } from "./embeddingSource.ts";
import { defaultLocation, indexFile } from "./location.ts";
import { sameState } from "./plan.ts";
import { openSqliteStore } from "./sqliteStore.ts";
import { type Store, StoreError } from "./store.ts";
import { openThumbnailCache, type ThumbnailCache } from "./thumbnailCache.ts";
import { type UpdateOptions, updateStore } from "./update.ts";

export interface OpenOptions {
  /** Folder that holds indexes; the user's data folder where absent. */
  readonly location?: string | undefined;
  /** Told of what needs no answer but belongs in a log. */
  readonly warn?: (message: string) => void;
}

/** The index of one folder with one model: kept on disk, searched in memory. */
export class FolderIndex {
  readonly folder: string;
  readonly #embedder: Embedder;
  readonly #store: Store;
  readonly #thumbnails: ThumbnailCache;
  readonly #search: ExactSearch;
  readonly #gallery: Gallery;
  /** Gallery and search take turns: a search reads the matrices while nothing moves their rows. */
  readonly #turn = pLimit(1);
  #loaded = false;
  #progress: IndexProgress | null = null;

  /**
   * Opens the index of a folder, or makes an empty one.
   * @throws StoreError where the folder or the place of the index cannot be used
   */
  static async open(folder: string, embedder: Embedder, options: OpenOptions = {}): Promise<FolderIndex> {
    const absolute = resolve(folder);
    const location = resolve(options.location || defaultLocation());
    const isFolder = await fs.stat(absolute).then(
      (stat) => stat.isDirectory(),
      () => false,
    );
    if (!isFolder) throw new StoreError(`${absolute} is not a folder that can be read. Choose a folder of images.`);
    const file = indexFile(location, absolute, embedder.summary.fingerprint);
    const warn = options.warn ?? (() => {});
    const identity = { folder: absolute, fingerprint: embedder.summary.fingerprint, dim: embedder.dim };
    const store = openSqliteStore(file, identity, warn);
    const search = await ExactSearch.create(embedder.manifest.descriptors.length);
    return new FolderIndex(absolute, embedder, store, openThumbnailCache(file), search);
  }

  private constructor(
    folder: string,
    embedder: Embedder,
    store: Store,
    thumbnails: ThumbnailCache,
    search: ExactSearch,
  ) {
    this.folder = folder;
    this.#embedder = embedder;
    this.#store = store;
    this.#thumbnails = thumbnails;
    this.#search = search;
    this.#gallery = new Gallery(embedder.manifest.descriptors.map((branch) => branch.dim));
  }

  async status(): Promise<FolderStatus> {
    await this.#turn(() => this.#refresh());
    return {
      folder: this.folder,
      indexed: this.#gallery.count,
      skipped: (await this.#store.skipped()).length,
      device: this.#embedder.device,
      model: this.#embedder.summary,
      location: this.#store.place,
      progress: this.#progress,
    };
  }

  /** Brings the index up to date with the files. One run at a time. See `updateStore`. */
  async update(options: UpdateOptions = {}): Promise<IndexSummary> {
    if (this.#progress !== null) throw new Error(`${this.folder} is being indexed already.`);
    const onProgress = (progress: IndexProgress) => {
      this.#progress = progress;
      options.onProgress?.(progress);
    };
    const observer = {
      stored: (images: readonly { image: { path: string }; embedding: Float32Array }[]) =>
        this.#turn(() => {
          if (this.#loaded) for (const { image, embedding } of images) this.#gallery.set(image.path, embedding);
        }),
      dropped: (paths: readonly string[]) =>
        this.#turn(() => {
          for (const path of paths) this.#gallery.delete(path);
        }),
    };
    try {
      return await updateStore(this.folder, this.#store, this.#embedder, observer, { ...options, onProgress });
    } finally {
      this.#progress = null;
    }
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
      await this.#refresh();
      const own = path === null ? undefined : this.#gallery.rowOf(path);
      const query = stored && own !== undefined ? this.#storedQuery(own) : await this.#embed(image);
      const result = await this.#search.run(query, this.#gallery, k, own);
      return {
        query: path ?? resolve(image),
        model: this.#embedder.summary,
        ...nameResult(result, this.#embedder.summary.descriptors, this.#gallery),
      };
    });
  }

  /** A small picture of an image file, from the cache where the file is indexed. @throws ImageError */
  async thumbnail(image: string, size: number): Promise<ThumbnailImage> {
    const path = this.relativePath(image);
    const record = path !== null && (await this.#isCurrent(path, image)) ? await this.#store.find(path) : undefined;
    if (record === undefined) return makeThumbnail(image, size);
    const cached = this.#thumbnails.get(record.hash, size);
    if (cached !== undefined) return { bytes: cached, width: record.width, height: record.height };
    const made = await makeThumbnail(image, size);
    this.#thumbnails.put(record.hash, size, made.bytes);
    return made;
  }

  /** All embeddings as they are on disk; valid until the index is closed. */
  source(): EmbeddingSource {
    return {
      model: this.#embedder.summary,
      dims: this.#embedder.manifest.descriptors.map((branch) => branch.dim),
      place: this.#store.place,
      paths: async () => (await this.#store.images()).map((image) => image.path),
      embeddings: () => this.#store.embeddings(),
    };
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
      await this.#search.release();
      this.#thumbnails.close();
      await this.#store.close();
    });
  }

  /** Loads the embeddings at the first need, and again after another process changed the index. */
  async #refresh(): Promise<void> {
    const changed = await this.#store.changedByOthers();
    if (this.#loaded && !changed) return;
    this.#gallery.clear();
    this.#loaded = true;
    for await (const { path, embedding } of this.#store.embeddings()) this.#gallery.set(path, embedding);
  }

  async #isCurrent(path: string, file: string): Promise<boolean> {
    const record = await this.#store.find(path);
    if (record === undefined) return false;
    try {
      const { mtimeMs, size } = await fs.stat(file);
      return sameState(record, { mtimeMs, size });
    } catch {
      return false;
    }
  }

  #storedQuery(row: number): Float32Array[] {
    // Copies: the search appends nothing, but a view dies with the next change of the gallery.
    return this.#gallery.dims.map((_, b) => this.#gallery.embedding(row, b).slice());
  }

  async #embed(image: string): Promise<Float32Array[]> {
    let decoded: Awaited<ReturnType<typeof decodeForModel>>;
    try {
      decoded = await decodeForModel(image, this.#embedder.manifest.input);
    } catch (error) {
      if (error instanceof ImageError) throw new ImageError(`${image}: ${error.message}`, { cause: error });
      throw error;
    }
    const row = await this.#embedder.embed(decoded.pixels, 1);
    return splitBranches(row, this.#gallery.dims);
  }
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

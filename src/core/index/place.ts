import type { IndexDetails } from "../../shared/index.ts";
import type { LockOptions } from "../files/index.ts";
import type { ExactSearch, Gallery } from "../search/index.ts";
import type { BuildProgress, PastMemoryOptions } from "./candidates/index.ts";
import type { RowSource } from "./rowSource.ts";
import type { Shard } from "./shard.ts";
import type { Store, StoreIdentity } from "./store.ts";

/** Gives a lock back. */
export type Unlock = () => void | Promise<void>;

/** Where the indexes of one folder lie, one per model: a folder of this machine, or a database that others use too. */
export interface IndexPlace {
  readonly kind: "sqlite" | "postgres";
  /** Of the server and its extensions; null where there is no server. */
  readonly software: string | null;
  /** For messages. */
  readonly title: string;
  /** Folder of this machine: of the indexes themselves, or of what this machine keeps for itself of a database's. */
  readonly folder: string;
  /**
   * Path of the index of a model; of a database's, a name beside which this machine keeps what is derived from it.
   * @param fingerprint hex
   */
  file(fingerprint: string): string;
  /** Opens an index or makes an empty one. @throws StoreError */
  openStore(identity: StoreIdentity, warn: (message: string) => void): Promise<Store>;
  /** An index that is there, for copying; nothing is made. @throws StoreError where it is not there */
  openRows(fingerprint: string, model: string): Promise<RowSource>;
  /** Takes the lock of all indexes, or of a shard, or waits for it. */
  lockRuns(options: LockOptions, shard?: Shard): Promise<Unlock>;
  /** The same for fitting the model to the folder. */
  lockAdaptation(options: LockOptions): Promise<Unlock>;
  /** Where adapted models come from that others made; null where `folder` has them. */
  readonly models: SharedModels | null;
  /** Thumbnails for machines that do not have the files; null where only this machine uses the place. */
  readonly thumbnails: SharedThumbnails | null;
  /** How an index is searched that does not fit into memory. */
  openPastMemory(
    store: Store,
    dims: readonly number[],
    search: ExactSearch,
    options: PastMemoryOptions,
  ): Promise<PastMemorySearch>;
  /** What is kept of the folder, without opening it. @param fingerprint of the model in use */
  kept(fingerprint: string): Promise<Omit<IndexDetails, "folder" | "place">>;
  /** Deletes an index, or everything of the folder. @param name as in `KeptIndex` */
  remove(name: string | undefined): Promise<void>;
  /** Puts a damaged index aside, which nobody has open. */
  putAside(store: Store, warn: (message: string) => void): void;
  close(): Promise<void>;
}

/** Adapted models of a folder, by the fingerprint of the model as it was. */
export interface SharedModels {
  /** Fingerprint of the adapted form; null where there is none. */
  current(base: string): Promise<string | null>;
  fetch(base: string): Promise<Buffer>;
  publish(base: string, fingerprint: string, bytes: Uint8Array): Promise<void>;
}

/** A thumbnail, with the size of its image in pixels. */
export interface SharedThumbnail {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Thumbnails by the content of their images. */
export interface SharedThumbnails {
  get(hash: Uint8Array): Promise<SharedThumbnail | undefined>;
  /** Images of an index whose content has none. */
  missing(fingerprint: string): Promise<readonly { readonly path: string; readonly hash: Uint8Array }[]>;
  put(thumbnails: readonly (SharedThumbnail & { readonly hash: Uint8Array })[]): Promise<void>;
  /** Forgets those of contents that no index of the folder has. */
  prune(): Promise<void>;
}

/** The search of an index that does not fit into memory; every score is that of a stored embedding. */
export interface PastMemorySearch {
  embeddingOf(path: string): Float32Array | undefined | Promise<Float32Array | undefined>;
  /** The images that may be in one of a query's lists; see `PastMemory`. */
  candidates(
    query: { readonly branches: readonly Float32Array[]; readonly k: number; readonly shares?: readonly number[] },
    under?: string,
    accepts?: (path: string) => boolean,
  ): Promise<Gallery>;
  build(onProgress?: (progress: BuildProgress) => void): Promise<void>;
  /** Whether a search begins to build what it lacks: on a server that others use, it does not. */
  readonly buildsUnasked: boolean;
  close(): Promise<void>;
}

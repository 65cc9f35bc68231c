import type { SkippedFile } from "../../shared/index.ts";

/** What is kept of an image file beside its embedding. */
export interface ImageRecord {
  /** Relative to the indexed folder, with `/`; unique. */
  readonly path: string;
  readonly mtimeMs: number;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content, 32 bytes. */
  readonly hash: Uint8Array;
  /** Of the image after EXIF orientation, in pixels. */
  readonly width: number;
  readonly height: number;
}

export interface EmbeddedImage {
  readonly image: ImageRecord;
  /** float32 `[dim]`: the branches side by side, each of norm 1. Kept as float16. */
  readonly embedding: Float32Array;
}

/** A file that could not be decoded, with what is needed to see that it has not changed since. */
export interface SkippedRecord extends SkippedFile {
  readonly mtimeMs: number;
  readonly size: number;
}

/** Path and file state of a record: enough to tell whether a file changed. */
export type RecordState = Pick<ImageRecord, "path" | "mtimeMs" | "size">;

/**
 * Where an index is kept: one folder of images embedded by one model. A returned promise means that the change is
 * durable: it outlives the death of this process. Two processes may work on the same store.
 */
export interface Store {
  /** For messages and the log: a path or an address. */
  readonly place: string;
  /** Adds or replaces images, all or none. */
  put(images: readonly EmbeddedImage[]): Promise<void>;
  /** Forgets images and skipped files; paths that are not there are ignored. */
  remove(paths: readonly string[]): Promise<void>;
  /** Notes files that cannot be decoded, and forgets the images that had these paths. */
  skip(files: readonly SkippedRecord[]): Promise<void>;
  find(path: string): Promise<ImageRecord | undefined>;
  /** Every image, in no particular order. */
  images(): Promise<readonly RecordState[]>;
  skipped(): Promise<readonly SkippedRecord[]>;
  /** Every embedding as float32 `[dim]`; the array is reused between steps, so copy what you keep. */
  embeddings(): AsyncIterable<{ readonly path: string; readonly embedding: Float32Array }>;
  snapshot(): Promise<StoreSnapshot>;
  clear(): Promise<void>;
  /** Whether another connection changed the store since the last call. */
  changedByOthers(): Promise<boolean>;
  close(): Promise<void>;
}

/** All embeddings as they are at one moment, whatever is written meanwhile. Close it: it holds back the store's clean-up. */
export interface StoreSnapshot {
  /** In the order of their code points. */
  readonly paths: readonly string[];
  /** One float32 `[dim]` per path, in the same order, as often as asked; the array is reused between steps. */
  embeddings(): AsyncIterable<Float32Array>;
  close(): Promise<void>;
}

/** An index that cannot be opened; the message says where and what to do. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

import type { Branch, BranchWeights, ModelSummary } from "../../shared/index.ts";

/** What is kept of an image file beside its embedding. */
export interface ImageRecord {
  /** Relative to the indexed folder, with `/`; unique. */
  readonly path: string;
  readonly mtimeMs: number;
  /** When the file's content, name or rights changed last; null in records of before this was kept. */
  readonly ctimeMs: number | null;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content, 32 bytes. */
  readonly hash: Uint8Array;
  /** Of the image after EXIF orientation, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Only a part of it could be read: it is the same as another image where all bytes are, and never by its look. */
  readonly partial?: boolean;
}

/** All embeddings of an index, read anew and straight from disk: for work on the whole of it, beside what is searched. */
export interface EmbeddingSource {
  readonly model: ModelSummary;
  /** Length of each branch, in the model's order. */
  readonly dims: readonly number[];
  /** Path of the index file; what is derived from it is kept beside it. */
  readonly place: string;
  paths(): Promise<readonly string[]>;
  /** Each as float32 `[sum of dims]`, the branches side by side; the array is reused between steps. */
  embeddings(): AsyncIterable<{ readonly path: string; readonly embedding: Float32Array }>;
}

/** Also what is kept of the images beside their embeddings. */
export interface IndexSource extends EmbeddingSource {
  record(path: string): Promise<ImageRecord | undefined>;
  /** A text that is another one after each change of the index, whoever made it. */
  version(): Promise<string>;
}

/** The embeddings of an index as they are at one moment, with the model that made them. */
export interface IndexSnapshot {
  readonly model: ModelSummary;
  /** In the model's order: how a row splits. */
  readonly branches: readonly Branch[];
  /** Of the branches in combined; all the same where absent. */
  readonly weights?: BranchWeights;
  /** Relative to the folder, with `/`, in the order of their code points. */
  readonly paths: readonly string[];
  /**
   * One float32 `[sum of dims]` per path, in the same order, as often as asked: the branches side by side, each of norm 1
   * (a branch of zeros stays so). The array is reused between steps.
   */
  rows(): AsyncIterable<Float32Array>;
  close(): Promise<void>;
}

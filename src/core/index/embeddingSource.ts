import type { ModelSummary } from "../../shared/index.ts";
import type { ImageRecord } from "./store.ts";

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

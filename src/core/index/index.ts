export type { EmbeddingSource, IndexSource } from "./embeddingSource.ts";
export { FolderIndex, type OpenOptions } from "./folderIndex.ts";
export type { IndexSnapshot } from "./indexSnapshot.ts";
export { indexDetails, type KeptOptions, removeIndex } from "./kept.ts";
export { defaultLocation, indexFile } from "./location.ts";
export { type ImageRecord, StoreError } from "./store.ts";
export type { UpdateOptions } from "./update.ts";

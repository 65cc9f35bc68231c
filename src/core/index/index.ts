export type { EmbeddingSource } from "./embeddingSource.ts";
export { FolderIndex, type OpenOptions } from "./folderIndex.ts";
export type { IndexSnapshot } from "./indexSnapshot.ts";
export { indexDetails, type KeptOptions, removeIndex } from "./kept.ts";
export { defaultLocation, indexFile } from "./location.ts";
export { StoreError } from "./store.ts";
export type { UpdateOptions } from "./update.ts";

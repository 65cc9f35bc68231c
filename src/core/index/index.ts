export type { EmbeddingSource } from "./embeddingSource.ts";
export { FolderIndex, type OpenOptions } from "./folderIndex.ts";
export { StoreError } from "./store.ts";
export type { UpdateOptions } from "./update.ts";

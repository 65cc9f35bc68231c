export { type BuildProgress, candidatesFolder, PastMemory, type PastMemoryOptions } from "./candidates/index.ts";
export { type CopyOptions, type CopySummary, copyStore } from "./copyStore.ts";
export { indexDetails, type KeptOptions } from "./kept.ts";
export { adaptedModelFile, defaultLocation, indexFile, pathInside } from "./location.ts";
export { openSqliteStore, putAsideDamaged } from "./openSqliteStore.ts";
export { sweepLeft } from "./placeFiles.ts";
export { sameState } from "./plan.ts";
export { quarantine } from "./quarantine.ts";
export { removeIndex } from "./removeIndex.ts";
export { lockAdaptation, lockRuns } from "./runLock.ts";
export type { Shard } from "./shard.ts";
export {
  type EmbeddedImage,
  type SkippedRecord,
  type Store,
  StoreError,
  type StoreHealth,
  type StoreSnapshot,
} from "./store.ts";
export { openThumbnailCache, type ThumbnailCache } from "./thumbnailCache.ts";
export { checkVanished, type StoreObserver, type UpdateOptions, updateStore } from "./update.ts";
export { VanishedError } from "./vanished.ts";

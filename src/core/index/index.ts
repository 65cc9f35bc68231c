export { type BuildProgress, candidatesFolder, PastMemory, type PastMemoryOptions } from "./candidates/index.ts";
export { type CopyOptions, type CopySummary, copyStore } from "./copyStore.ts";
export { indexDetails, type KeptOptions, removeIndex } from "./details.ts";
export { localPlaceAt } from "./localPlace.ts";
export { adaptedModelFile, defaultLocation, indexFile, pathInside } from "./location.ts";
export { formFor, usedForm } from "./modelForm.ts";
export { openPlace } from "./openPlace.ts";
export type { IndexPlace, PastMemorySearch, Unlock } from "./place.ts";
export { sweepLeft } from "./placeFiles.ts";
export { sameState } from "./plan.ts";
export { setDatabasePassword } from "./postgres/index.ts";
export { quarantine } from "./quarantine.ts";
export { isInShard, type Shard } from "./shard.ts";
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

export { Chance } from "./chance.ts";
export { checkBox, checkQuery } from "./checkQuery.ts";
export {
  CoarseGallery,
  type CoarseQuery,
  coarseBytes,
  coarseKernel,
  ScanError,
  type WasmModule,
} from "./coarse/index.ts";
export { combineExamples, type EmbeddedExample } from "./combineExamples.ts";
export { comparedSource } from "./comparedSource.ts";
export type { EmbeddingSource, ImageRecord, IndexSnapshot, IndexSource } from "./embeddingSource.ts";
export { NoTextTowerError, QueryError } from "./errors.ts";
export { ExactSearch, nameResult, type SearchResult } from "./exactSearch.ts";
export { BLOCK_ROWS, Gallery, normalise } from "./gallery.ts";
export { keepKindsTogether, REORDERED } from "./kindred.ts";
export { knownAmong } from "./knownAmong.ts";

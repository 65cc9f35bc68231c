export { type CandidateQuery, exactCandidates, type KeyedEmbedding } from "./exactCandidates.ts";
export {
  type BuildProgress,
  candidatesFolder,
  combinedQuery,
  PastMemory,
  type PastMemoryOptions,
} from "./pastMemory.ts";

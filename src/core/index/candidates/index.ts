export {
  type BuildProgress,
  candidatesFolder,
  PastMemory,
  type PastMemoryOptions,
  removeCandidates,
} from "./pastMemory.ts";

export { type BuildProgress, candidatesFolder, PastMemory, type PastMemoryOptions } from "./pastMemory.ts";

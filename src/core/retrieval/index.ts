export { checkBox, checkQuery } from "./checkQuery.ts";
export { combineExamples, type EmbeddedExample } from "./combineExamples.ts";
export { CopyFinder } from "./copies.ts";
export { DUPLICATE_DEFAULTS, type DuplicateOptions, findDuplicates, isSamePicture } from "./duplicates.ts";
export { QueryError } from "./errors.ts";
export { ExactSearch, nameResult, type SearchResult } from "./exactSearch.ts";
export { Gallery, normalise } from "./gallery.ts";
export { findSuspiciousLabels, type LabelOptions } from "./suspiciousLabels.ts";

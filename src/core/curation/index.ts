export { reviewLabels } from "./contradictions.ts";
export { CopyFinder } from "./copies.ts";
export { DUPLICATE_DEFAULTS, type DuplicateOptions, findDuplicates, isSamePicture } from "./duplicates.ts";
export { findSuspiciousLabels, type LabelOptions } from "./suspiciousLabels.ts";

export { reviewLabels } from "./contradictions.ts";
export { CopyFinder } from "./copies.ts";
export { type DuplicateOptions, findDuplicates } from "./duplicates.ts";
export { putAway, takeBack } from "./putAway.ts";
export { Looks, PictureComparer, type Sameness } from "./sameness/index.ts";
export { findSuspiciousLabels, type LabelOptions, TooFewLabelsError } from "./suspiciousLabels.ts";

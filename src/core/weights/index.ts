export { type LabelChoice, weightsByLabels } from "./byLabels.ts";
export { weightsByMarks } from "./byMarks.ts";
export { readMarks, readWeights } from "./kept.ts";
export { markCandidates, markQueries } from "./markPairs.ts";

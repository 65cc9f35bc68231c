export { classFigures, compareBranches } from "./compareBranches.ts";
export { failuresOf } from "./failures.ts";
export { differencesOf, figuresOf, type RankingFigures } from "./figures.ts";
export { ClassBootstrap, type Interval, percentiles, wilson } from "./intervals.ts";
export type { RowNames } from "./names.ts";
export { rankQueries } from "./rankQueries.ts";
export { evaluateRetrieval, type LabelledEmbeddings, type RetrievalScores } from "./recall.ts";
export type { ColumnRanking, EvaluationOptions, Ranking, RetrievalTask } from "./task.ts";

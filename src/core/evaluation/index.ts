export { classFigures, compareBranches } from "./compareBranches.ts";
export { failuresOf } from "./failures.ts";
export { differencesOf, figuresOf, type RankingFigures } from "./figures.ts";
export { ClassBootstrap, type Interval, percentiles, wilson } from "./intervals.ts";
export { mean, metricsOf } from "./metrics.ts";
export type { RowNames } from "./names.ts";
export { rankQueries } from "./rankQueries.ts";
export type { ColumnRanking, EvaluationOptions, QueryRanks, Ranking, RetrievalTask, TopLists } from "./task.ts";

/** What is evaluated: embeddings of labelled images, and which of them ask and which may be found. Rows are in path order. */
export interface RetrievalTask {
  /** Branch names, in the model's order. */
  readonly names: readonly string[];
  readonly dims: readonly number[];
  readonly count: number;
  /** Per branch float32 `[count, dim]`, rows of norm 1. */
  readonly matrices: readonly Float32Array[];
  /** int32 `[count]`: the number of each row's class, -1 for one without a label. */
  readonly classes: Int32Array;
  /** Rows that ask, ascending. One without a label is passed over. */
  readonly queries: Int32Array;
  /** Rows that may be found, ascending; a query never finds its own row. */
  readonly gallery: Int32Array;
  /** int32 `[count]`: rows of one number are copies of each other, -1 for one without copies. */
  readonly copies?: Int32Array | undefined;
}

/** What ranks are told from, once there are scores. */
export interface RankingFrame extends Pick<RetrievalTask, "names" | "count" | "classes" | "gallery" | "copies"> {
  /** Rows of the queries that have something to find, ascending. */
  readonly queries: Int32Array;
}

export interface EvaluationOptions {
  readonly signal?: AbortSignal | undefined;
  /** Queries answered so far, after each block of them. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ranks in threads beside the products; chosen by the number of pairs where it is left out. */
  readonly threads?: boolean | undefined;
}

/** What one query found in one column. */
export interface QueryRanks {
  /** int32: rank of the first image of the query's class, from 1. */
  readonly first: Int32Array;
  /** float64: AP@R, see `metrics.ts`. */
  readonly averagePrecision: Float64Array;
  /** float64: R-precision. */
  readonly rPrecision: Float64Array;
}

/** The first images that each query found, rows and cosines from the best down. */
export interface TopLists {
  /** Images per query; fewer are found in a small gallery, then rows end with -1. */
  readonly k: number;
  /** int32 `[queries, k]` */
  readonly rows: Int32Array;
  /** float32 `[queries, k]` */
  readonly scores: Float32Array;
  /** The best image of the query's class and the best of another one: rows (-1: there is none) and cosines `[queries]`. */
  readonly right: Int32Array;
  readonly rightScores: Float32Array;
  readonly wrong: Int32Array;
  readonly wrongScores: Float32Array;
  /** Shares of pairs of one class and of two by cosine, -1 to 1 in `HISTOGRAM_BINS`; of a sample of the queries. */
  readonly histogram: { readonly same: Float64Array; readonly other: Float64Array };
}

/** A subset of the branches: its score is the mean of their cosines. */
export interface Column {
  /** `spoc`, `spoc+mac`, ...; `combined` is all of them. */
  readonly key: string;
  /** Positions of its branches in the model. */
  readonly branches: readonly number[];
}

export interface ColumnRanking extends Column, QueryRanks {
  /** The same where copies of the query are left out as answers. `[queriesWithoutCopies]` */
  readonly withoutCopies: QueryRanks | null;
  /** Of single branches and combined. */
  readonly lists: TopLists | null;
}

export interface Ranking {
  /** Rows of the queries that have an image of their class to find, ascending. */
  readonly queries: Int32Array;
  /** Rows of the queries that have none: their score would say nothing of the descriptors. */
  readonly lone: Int32Array;
  /** Positions in `queries` that still have an image to find when copies are left out; null where no query has a copy. */
  readonly queriesWithoutCopies: Int32Array | null;
  readonly columns: readonly ColumnRanking[];
}

/** Bins of a histogram of cosines from -1 to 1. */
export const HISTOGRAM_BINS = 100;

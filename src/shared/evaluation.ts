/** What an evaluation of retrieval found; docs/evaluation.md says how it is measured. */

/**
 * `all`: every labelled image queries all others. `by-class`: only images of held-out classes, among themselves.
 * `query-gallery`: some images query others.
 */
export const EVALUATION_PROTOCOLS = ["all", "by-class", "query-gallery"] as const;
export type EvaluationProtocol = (typeof EVALUATION_PROTOCOLS)[number];

/** Data sets whose own lists and splits can be read as they are distributed. */
export const DATASETS = ["cub", "cars", "sop", "inshop"] as const;
export type Dataset = (typeof DATASETS)[number];

export const DATASET_TITLES: Readonly<Record<Dataset, string>> = {
  cub: "CUB-200-2011",
  cars: "CARS196",
  sop: "Stanford Online Products",
  inshop: "In-Shop Clothes Retrieval",
};

/** `raw`: as it is; `adapted`: to the folder, without labels; `trained`: on labels. */
export type ModelState = "raw" | "adapted" | "trained";

/** What a model is called in a report. One that was adapted to the folder says so in its own name, and one as it is has no other. */
export function evaluatedName({ name, state }: { readonly name: string; readonly state: ModelState }): string {
  return state === "trained" ? `${name} (${state})` : name;
}

/** By metric: `recall@1`, ..., `r-precision`, `map@r`, `mrr`; fractions. */
export type Metrics = Readonly<Record<string, number>>;
/** 95 % intervals by metric: Wilson's for a recall, a bootstrap over classes for the others. */
export type Intervals = Readonly<Record<string, readonly [low: number, high: number]>>;

export interface DescriptorFigures {
  readonly metrics: Metrics;
  readonly intervals: Intervals;
  /** The mean over classes instead of queries. */
  readonly classMeans: Metrics;
  /** Where copies of a query are left out as answers; null where no query has a copy. */
  readonly withoutCopies: { readonly queries: number; readonly metrics: Metrics; readonly intervals: Intervals } | null;
}

/** What one column finds more than another, measured on the same queries. */
export interface FigureDifference {
  /** Keys of columns: `a` minus `b`. */
  readonly a: string;
  readonly b: string;
  readonly metric: string;
  readonly difference: number;
  /** 95 %, from a bootstrap over classes in which both see the same classes. */
  readonly interval: readonly [low: number, high: number];
}

/** How two branches differ in their first result. Counts of queries. */
export interface PairComparison {
  readonly a: string;
  readonly b: string;
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly neither: number;
  /** Shared images of the first ten, divided by all of them, mean over queries. */
  readonly jaccard: number;
  /** Rank-biased overlap of the first ten, mean over queries. */
  readonly rbo: number;
  /** Paths of queries that only one of them gets right, those with the widest margin first. */
  readonly examplesA: readonly string[];
  readonly examplesB: readonly string[];
}

export interface BranchComparison {
  readonly pairs: readonly PairComparison[];
  /** Share of queries that at least one branch gets right: what a combination could reach at most by choosing between them. */
  readonly oracle: number;
  /** Classes that each branch finds best by Recall@1, with those it leads by most; a tie is won by nobody. */
  readonly wins: readonly {
    readonly descriptor: string;
    readonly classes: number;
    readonly first: readonly ClassFigure[];
  }[];
}

export interface ClassFigure {
  readonly label: string;
  readonly queries: number;
  /** Recall@1 by descriptor. */
  readonly recalls: Metrics;
}

/** A query whose first result is of another class. */
export interface WrongResult {
  readonly query: string;
  readonly label: string;
  readonly wrong: string;
  readonly wrongLabel: string;
  /** By how much the cosine of the wrong image is above that of the best right one. */
  readonly margin: number;
  readonly right: string;
}

/** Where one column fails. */
export interface Failures {
  readonly descriptor: string;
  /** Queries whose first result is wrong, and the clearest of them. */
  readonly wrong: number;
  readonly worst: readonly WrongResult[];
  /** Which class is taken for which other, by first results. */
  readonly confused: readonly {
    readonly label: string;
    readonly as: string;
    readonly count: number;
    readonly example: string;
  }[];
  /** Images that are among the first ten of the most queries. */
  readonly hubs: readonly { readonly path: string; readonly count: number }[];
  /** Images that are among the first ten of no query. */
  readonly neverFound: { readonly count: number; readonly first: readonly string[] };
  /** Shares of pairs by cosine, -1 to 1 in equal bins: of one class and of two. */
  readonly histogram: { readonly same: readonly number[]; readonly other: readonly number[] };
}

/** Results of large objects against small ones, by the share of the image that a box covers. */
export interface SizeComparison {
  /** Boxes that cover this share or more are large: the median. */
  readonly threshold: number;
  readonly largeQueries: number;
  readonly smallQueries: number;
  /** Too few to tell; null where there is nothing to say. */
  readonly note: string | null;
  /** By descriptor: Recall@1 of both, with Wilson's intervals. */
  readonly recalls: Readonly<
    Record<string, { readonly large: number; readonly small: number; readonly intervals: Intervals }>
  >;
  /** Of every pair of branches. */
  readonly contrasts: readonly SizeContrast[];
}

/** By how much one branch's Recall@1 is above another's, among large objects and among small ones. */
export interface SizeContrast {
  readonly a: string;
  readonly b: string;
  readonly large: number;
  readonly small: number;
  /** `large` minus `small`: above 0 where `a` is the better one for large objects. */
  readonly difference: number;
  /** 95 %, from a bootstrap over classes. */
  readonly interval: readonly [low: number, high: number];
}

export interface EvaluatedModel {
  readonly name: string;
  readonly state: ModelState;
  readonly fingerprint: string;
  /** Of the model that it was adapted or trained from; null where it is as it was made. */
  readonly base: string | null;
  /** Queries whose file it was trained on, and their classes: what it finds there says little of other images. Null where there are none. */
  readonly trainedOn: { readonly queries: number; readonly classes: number } | null;
  /** By key: `spoc`, `spoc+mac`, ..., `combined`. Empty where the data allow no figure. */
  readonly descriptors: Readonly<Record<string, DescriptorFigures>>;
  /** Combined against the others. */
  readonly differences: readonly FigureDifference[];
  readonly comparison: BranchComparison | null;
  readonly failures: readonly Failures[];
  readonly classes: readonly ClassFigure[];
  readonly sizes: SizeComparison | null;
}

export interface EvaluationReport {
  readonly folder: string;
  readonly protocol: EvaluationProtocol;
  /** In words, with the data set and its split. */
  readonly protocolNote: string;
  readonly dataset: Dataset | null;
  /** Whether images were cropped to their boxes. */
  readonly cropped: boolean;
  /** Where boxes of objects come from, a file's name or the data set's, and how many images have one; null without boxes. */
  readonly boxes: { readonly from: string; readonly images: number } | null;
  readonly queries: number;
  /** Queries without another image of their class to find: left out. */
  readonly excluded: number;
  readonly gallery: number;
  /** Among the images that may be found. */
  readonly classes: number;
  /** Why there is no figure, or what to think of them; null where there is nothing to say. */
  readonly note: string | null;
  /** In plain words: what was left out, and why. */
  readonly warnings: readonly string[];
  /** Groups of images that are the same picture. */
  readonly copies: { readonly groups: number; readonly images: number; readonly first: readonly (readonly string[])[] };
  /** Copies with different labels. */
  readonly contradictions: readonly {
    readonly path: string;
    readonly label: string;
    readonly copy: string;
    readonly copyLabel: string;
  }[];
  /** The state that the folder is searched with comes first. */
  readonly models: readonly EvaluatedModel[];
  /** Of combined between the first model and each other one. `a` and `b` are names with their states. */
  readonly modelDifferences: readonly FigureDifference[];
}

export interface EvaluationProgress {
  readonly step: "embedding" | "copies" | "ranking";
  /** Of which model, where one is at work. */
  readonly model?: string;
  readonly done: number;
  readonly total: number;
}

/** The report as `lookalike evaluate --json` prints it: metrics of a descriptor side by side. */
export function evaluationJson({ protocol, queries, excluded, models, ...report }: EvaluationReport): object {
  return {
    protocol,
    queries,
    excluded,
    ...report,
    models: models.map(({ name, state, descriptors, ...model }) => ({
      name,
      state,
      descriptors: Object.fromEntries(
        Object.entries(descriptors).map(([key, { metrics, intervals, classMeans, withoutCopies }]) => {
          // Where no query has a copy, nothing is left out.
          const without = withoutCopies ?? { queries, metrics, intervals };
          return [
            key,
            {
              ...metrics,
              intervals,
              classMeans,
              withoutCopies: { ...without.metrics, queries: without.queries, intervals: without.intervals },
            },
          ];
        }),
      ),
      ...model,
    })),
  };
}

import type { SkippedFile } from "./files.ts";
import type { ModelSummary } from "./model.ts";
import type { BranchWeights, QueryExample, QueryText } from "./query.ts";
import type { SuggestedWeights } from "./weights.ts";

/** One place in a ranked list. */
export interface RankedImage {
  /** From 1. */
  readonly rank: number;
  /** Relative to the indexed folder, with `/`. */
  readonly path: string;
  /** Cosine, -1..1; higher is more alike. */
  readonly score: number;
  /** Its rank by score, where images of one kind were put together and it moved. */
  readonly from?: number;
}

/** How words are said to be like nothing: by what random words score, or by the probability that the model itself defines. */
export type CutOffRule = "random" | "probability";

export interface CutOff {
  readonly score: number;
  readonly by: CutOffRule;
}

/** What only an answer to words says. */
export interface WordsAnswer {
  /** Of the query. */
  readonly texts: readonly QueryText[];
  /**
   * The branch whose space words share. It alone ranks by them, and combined is its list; the other branches show the
   * neighbours of `best`.
   */
  readonly branch: string;
  /** Paths of its best images, up to five. */
  readonly best: readonly string[];
  /**
   * Up to this score an image is not like the words: random words score as much, or the model gives it a probability below
   * 1 %. Null where that cannot be said (several parts, too few images).
   */
  readonly cutOff: CutOff | null;
  /**
   * Of several folders what each of them says, by the name that stands in front of its paths: their models and images differ.
   * `best` is its best score, null where it shows none. Null for a folder that cannot say; absent where one folder answers.
   */
  readonly cutOffs?: Readonly<Record<string, (CutOff & { readonly best: number | null }) | null>>;
  /** What of the words was not taken as it stands. */
  readonly notes: readonly WordsNote[];
}

/** `cut`: longer than the tower takes. `strange`: words that it was not trained on. */
export type WordsNote =
  | { readonly kind: "cut"; readonly text: string; readonly cutTo: string }
  | { readonly kind: "strange"; readonly words: readonly string[] };

/** What a query returns; also the JSON of `lookalike similar`. */
export interface SimilarResult {
  /** The first example: relative to the folder where it lies inside it, else absolute. Of words alone, the first words. */
  readonly query: string;
  /** All examples, each `image` as `query` is written. */
  readonly examples: readonly QueryExample[];
  /** Of every branch, as used in `combined`. */
  readonly weights: BranchWeights;
  /**
   * The weights that the index holds, which a query is asked with that names none; null where it holds none, and all branches count
   * the same. Absent where there is no one index: a first look, several folders.
   */
  readonly suggested?: SuggestedWeights | null;
  readonly model: ModelSummary;
  /**
   * By branch name and `combined`: up to this score random pairs of the folder are alike by chance; null, or without a column, where
   * that cannot be said (fewer than 16 images, images that are all alike, an index past memory, several examples).
   */
  readonly chance: Readonly<Record<string, number>> | null;
  /** Where the query has words. */
  readonly words?: WordsAnswer;
  /** Whether images of one kind were put together in combined; past memory they cannot be. */
  readonly kinds: boolean;
  /** One ranked list per branch, in the model's order, then `combined`. The examples are left out. */
  readonly results: Readonly<Record<string, readonly RankedImage[]>>;
  /** Every score of every image that is in at least one list: by branch name and `combined`. */
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What was found among the first images of a folder that has no index yet. */
export interface FirstLook {
  readonly result: SimilarResult;
  /** Images that were looked at. */
  readonly looked: number;
  /** Images of the folder; null where they are too many to have been counted. */
  readonly found: number | null;
}

/** What bringing an index up to date did; also the JSON of `lookalike index`. Counts are of image files. */
export interface IndexSummary {
  /** Embedded for the first time. */
  readonly indexed: number;
  /** Embedded again because the file changed. */
  readonly updated: number;
  /** Rows dropped because the file is gone or can no longer be read as an image. */
  readonly removed: number;
  readonly unchanged: number;
  /** Of the indexed and updated ones: recognised by their content (moved, renamed, copied or touched), not embedded again. */
  readonly reused: number;
  readonly skipped: readonly SkippedFile[];
  /** How many of the skipped ones are of each kind that is not read, by the name of the kind. */
  readonly unread: Readonly<Record<string, number>>;
  /** Paths of the images in the index of which only a part could be read. */
  readonly partial: readonly string[];
  /** Folders and files of a network disk or a Mac that were passed over, by name (`@eaDir`, `._*`). */
  readonly shadows: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Embedded images per second of wall time; 0 where none was embedded. */
  readonly imagesPerSecond: number;
  readonly device: string;
  readonly model: ModelSummary;
  /** Absent where the model was not to be adapted. */
  readonly adaptation?: Adaptation;
}

/**
 * What the model is adapted to; else why it is not: too few images, images that are too much alike or copies of too few pictures, or a model that
 * stays as it is (it was trained, or shares its space with words).
 */
export type Adaptation =
  | {
      readonly images: number;
      /** A second network is in it. */
      readonly second?: true;
      /** Names of branches without a network that are in it. */
      readonly handcrafted?: readonly string[];
    }
  | "few"
  | "alike"
  | "fixed";

export interface IndexProgress {
  /** `waiting`: another process works on the index. `adapting`: the model is being fitted to a sample of the folder, once, before its first index. `arranging`: what makes a search past memory fast is being built. `sharing`: thumbnails are stored in a database. */
  readonly phase: "waiting" | "adapting" | "scanning" | "embedding" | "sharing" | "arranging";
  /** Images of the sample, files embedded, or images arranged so far, of `total`; while scanning `total` is 0 (not known yet). */
  readonly done: number;
  readonly total: number;
  readonly skipped: number;
  readonly imagesPerSecond: number;
  /** Estimated; null until there is a rate. */
  readonly secondsLeft: number | null;
}

/** What can be asked of an index: examples, regions, weights; and the answers beside ranked lists. */
import type { TableColumn } from "./columns.ts";
import type { FileFilter, SkippedFile } from "./files.ts";
import type { FolderParams } from "./folder.ts";

/** Part of an image, as fractions of its width and height after EXIF orientation: 0 <= x, x + width <= 1. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One image of a query. A query is the sum over its examples, per branch, signed, then normalised. */
export interface QueryExample {
  /** Absolute path; it may lie outside the folder. */
  readonly image: string;
  /** -1: away from this image. */
  readonly sign: 1 | -1;
  /** Only this part of the image. */
  readonly box?: Box;
  /** How much it counts, above 0; 1 where absent. */
  readonly weight?: number;
}

/** Words of a query, of a model with a text tower. */
export interface QueryText {
  readonly text: string;
  /** -1: away from these words. */
  readonly sign: 1 | -1;
  /** How much they count beside the other parts of the query, above 0; 1 where absent. */
  readonly weight?: number;
}

/**
 * Weight of each branch in combined, by branch name, >= 0; branches that are not named count 1. Where none is named, those count
 * that the index holds, and all the same where it holds none.
 */
export type BranchWeights = Readonly<Record<string, number>>;

/** Which images may stand in the lists of an answer, which are as long as asked for all the same, and in which order. */
export interface ResultFilter {
  /** Only images under this folder, relative to the indexed one with `/`; absent or empty is all. */
  readonly folder?: string;
  /** Lowest score, of each list by its own column; `auto` is above what random pairs of the folder have. */
  readonly minScore?: number | "auto";
  /** Images of one kind come together in combined, behind the first four; scores stay what they are. Off where absent. */
  readonly kinds?: true;
  /** Only images with one of these labels, of those that the query names; "" is an image without a label. Absent is all. */
  readonly labels?: readonly string[];
}

/** What is asked of an index. */
export interface SimilarQuery {
  /** At least one, or else words. They are left out of the lists. */
  readonly examples: readonly QueryExample[];
  /** Only the branch whose space words share can rank them; see `WordsAnswer`. */
  readonly texts?: readonly QueryText[];
  /** Sentences around the words, with `{}` for them, whose embeddings are averaged; the model's own where absent. */
  readonly prompts?: readonly string[];
  readonly weights?: BranchWeights;
  readonly only?: ResultFilter;
  /** Where the labels of `only` come from; the folder's name where null or absent. */
  readonly labels?: TableColumn | null;
  /** Length of each list. */
  readonly k: number;
}

export interface SimilarParams extends FolderParams, SimilarQuery {}

export interface FirstLookParams extends SimilarParams {
  readonly filter?: FileFilter;
}

/** How alike two lists are, over their first k images. */
export interface ListOverlap {
  /** Shared images divided by all images of both lists. */
  readonly jaccard: number;
  /** Rank-biased overlap with p = 0.9, extrapolated (Webber, Moffat, Zobel 2010, eq. 32). */
  readonly rbo: number;
}

export interface ExplainQuery {
  /** Absolute paths of the query and of a result. */
  readonly query: string;
  readonly box?: Box;
  readonly result: string;
}

export interface ExplainParams extends FolderParams, ExplainQuery {}

/**
 * Which regions make a score. For each of the two images: with the other image's embedding and both norms held fixed, the
 * score of a branch is `constant` plus the sum of a map over the positions of the feature map that the branch pools.
 */
export interface BranchExplanation {
  readonly name: string;
  /** Cosine of the branch. */
  readonly score: number;
  /** Whether the map is the only possible one (SPoC, MAC: linear in the positions that count) or the natural one (GeM: each
   * position's share of the sum of x^p). */
  readonly exact: boolean;
  readonly query: Attribution;
  readonly result: Attribution;
  /** For each position of the query's map the position of the result's map whose local embedding is most alike, and back. */
  readonly matches: { readonly toResult: Uint16Array; readonly toQuery: Uint16Array };
}

export interface Attribution {
  readonly width: number;
  readonly height: number;
  /** `[height, width]`, row by row; the parts of the score. */
  readonly map: Float32Array;
  /** What the head's bias gives, the same wherever one looks. */
  readonly constant: number;
}

export interface ExplainResult {
  readonly branches: readonly BranchExplanation[];
  /** Branches without maps, each with the reason for a user. */
  readonly unexplained: readonly Unexplained[];
  /** Why there are no maps (a model of imported vectors, say); null where there are. */
  readonly problem: string | null;
  /**
   * What the maps cover of each image, as fractions of it: less than all where the model sees the centre, more where it
   * sees a margin. The whole image where absent.
   */
  readonly seen?: { readonly query: Box; readonly result: Box };
}

export interface Unexplained {
  readonly name: string;
  readonly reason: string;
}

/** Of work on all images of an index. */
export interface QueryProgress {
  readonly step: "reading" | "comparing" | "checking";
  /** 0..1 of the step. */
  readonly done: number;
}

export interface DuplicatesParams extends FolderParams {
  /** Chosen by whoever asks; progress carries it. None is told where absent. */
  readonly run?: number;
  /** Lowest combined score of two pictures that are called the same. */
  readonly threshold?: number;
}

/**
 * Pictures that are the same but for size, format and the like; sorted, the one to keep first (most
 * pixels, then a format without loss, then bytes; one in a hidden folder last). */
export interface DuplicateGroup {
  readonly images: readonly DuplicateImage[];
}

export interface DuplicateImage {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** Combined score with the first of the group; 1 for itself. */
  readonly score: number;
  /** The file's bytes are those of the first. */
  readonly identical: boolean;
}

export interface DuplicatesResult {
  readonly images: number;
  readonly threshold: number;
  /** What is certainly the same. Larger groups first. */
  readonly groups: readonly DuplicateGroup[];
  /**
   * What may be another picture as well: one of them is so small or so coarse that it hides what would tell. The first one may
   * also be one of `groups`. Nothing here is counted as a copy.
   */
  readonly perhaps: readonly DuplicateGroup[];
  /** Hard and symbolic links among the images: no copies, since nothing is won by deleting them. */
  readonly links: readonly FileLink[];
  /** Images that might be copies, but are gone, changed since they were indexed, or cannot be read. */
  readonly skipped: readonly SkippedFile[];
}

/** Two paths of one file. */
export interface FileLink {
  readonly path: string;
  /** The path under which the file is listed. */
  readonly of: string;
}

/** Files of a folder that are to be put away into the review folder beside it. */
export interface PutAwayParams {
  /** Absolute path. */
  readonly folder: string;
  /** Relative to it, with `/`. */
  readonly paths: readonly string[];
}

/** Files that were put away, or taken back. */
export interface FilesMoved {
  /** Absolute path of the review folder. */
  readonly place: string;
  /** Relative to the indexed folder, with `/`. */
  readonly moved: readonly string[];
  readonly left: readonly SkippedFile[];
}

export interface LabelsParams extends FolderParams {
  /** As in `DuplicatesParams`. */
  readonly run?: number;
  /** Neighbours that are asked; 10 where absent. No more than the image's label has other images, but three. */
  readonly k?: number;
  /** A table (CSV or Parquet) with the columns `path` and `label`; the image's folder is its label where absent. */
  readonly labels?: string;
  /** The table's column of labels; its rows then find their images as those of any table do. */
  readonly column?: string;
}

/** An image whose neighbours mostly have another label. Sorted by confidence, from the highest. */
export interface SuspiciousLabel {
  readonly path: string;
  readonly label: string;
  /** What most neighbours say. */
  readonly suggested: string;
  /** Neighbours (of combined) that say so, of the `k` that were asked: more than half. */
  readonly votes: number;
  readonly k: number;
  /** Share of the descriptors whose neighbours suggest the same, times the share of votes, 0..1. */
  readonly confidence: number;
}

/** Images that are the same picture and have different labels, or one image with rows of different labels. */
export interface LabelContradiction {
  /** Two paths, sorted; or one, whose table has several rows about it. */
  readonly paths: readonly string[];
  /** Of each path; of a single path all its labels. */
  readonly labels: readonly string[];
  /** The files are the same byte by byte, or the same picture in another size, format or quality. */
  readonly why: "bytes" | "picture";
}

export interface LabelsResult {
  /** Why there is nothing to look at, in plain words: fewer than two labels. */
  readonly problem?: string;
  /** With one label, and how many different ones there are. */
  readonly images: number;
  readonly classes: number;
  /** Those of one file first, then by path. They are no guess, so none of their images is among the suspicious. */
  readonly contradictions: readonly LabelContradiction[];
  /** Images whose label nobody can judge by neighbours: the only one of it, or two that find each other. */
  readonly unjudged: number;
  readonly suspicious: readonly SuspiciousLabel[];
  /** How labels that are named above are shown where that is by less than their whole: folders, by their last part. */
  readonly shown: Readonly<Record<string, string>>;
  /** In plain words: what labels were taken from, rows of a table that cannot be used, or match no image. */
  readonly warnings: readonly string[];
}

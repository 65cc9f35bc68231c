import type { BranchWeights } from "./query.ts";

/** Where the weights of an index come from. */
export const WEIGHT_SOURCES = ["names", "table", "marks", "gate", "equal"] as const;

export type WeightSource = (typeof WEIGHT_SOURCES)[number];

/** What can be asked for: `auto` is names of folders or a table, then marks, then what needs no labels. */
export const WEIGHT_CHOICES = ["auto", "names", "gate", "equal"] as const;

export type WeightChoice = (typeof WEIGHT_CHOICES)[number];

/** Why nothing was chosen, and all branches count the same. */
export const EQUAL_REASONS = [
  /** It was asked for. */
  "asked",
  /** There is one branch. */
  "single",
  /** Without labels nothing can be said of the branches of one network. */
  "unlabelled",
  /** Fewer than eight classes of four images. */
  "few",
  /** Fewer than 20 marks, or than four queries with marks of both kinds. */
  "fewMarks",
  /** On the half of the classes that did not choose, the gain was not above its standard error. */
  "noGain",
] as const;

export type EqualReason = (typeof EQUAL_REASONS)[number];

/** What was gained on what did not choose. */
export interface WeightGain {
  /**
   * Difference of MAP@R to the equal mix, as a fraction: its mean over the classes. Of marks it is that of the average precision of
   * the marked images of each query, which was left out of the choice; what is counted below are queries then.
   */
  readonly mean: number;
  /** Standard error of that mean. */
  readonly error: number;
  /** Classes that chose, and those that the gain was measured on. */
  readonly chosenOn: number;
  readonly measuredOn: number;
  /** What was measured, where it is not classes. */
  readonly over?: "marks";
}

/** The weights of an index, as it holds them; the model file never changes. */
export interface SuggestedWeights {
  /** Of every branch; the largest is 1. */
  readonly weights: BranchWeights;
  readonly from: WeightSource;
  /** Where all branches count the same. */
  readonly reason?: EqualReason;
  /** Where labels or marks were asked. */
  readonly gain?: WeightGain;
  /** Images of the index when it was chosen. */
  readonly images: number;
}

/** What somebody said of two images: whether the one belongs to what the other is a query for. Paths relative to the folder, with `/`. */
export interface Mark {
  readonly query: string;
  readonly image: string;
  readonly belongs: boolean;
}

/** What keeping kinds together does to MAP@R in a folder. */
export interface KindsGain {
  /** MAP@R without it, as a fraction. */
  readonly before: number;
  /** Its change: mean over the images that asked, and the standard error of that. */
  readonly mean: number;
  readonly error: number;
  readonly queries: number;
}

/** What a text on suggested weights is made of: each front end has the words. */
export function isEqualMix(branches: readonly string[], weights: BranchWeights): boolean {
  return branches.every((name) => (weights[name] ?? 1) === (weights[branches[0]!] ?? 1));
}

/** The same weight for every branch. */
export function equalWeights(branches: readonly string[]): BranchWeights {
  return Object.fromEntries(branches.map((name) => [name, 1]));
}

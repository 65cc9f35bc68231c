/** Trainings that differ in one thing at a time, and what they find: the paper's tables on one's own images. */
import type { Metrics } from "./evaluation.ts";

export const ABLATION_LOSSES = ["ranking", "ranking+classification"] as const;
export type AblationLosses = (typeof ABLATION_LOSSES)[number];

/** Of the classification loss: none, label smoothing, temperature scaling, both (arXiv 1903.10663, section 3.2). */
export const ABLATION_TRICKS = ["none", "ls", "ts", "both"] as const;
export type AblationTricks = (typeof ABLATION_TRICKS)[number];

/** How branches become one embedding: side by side, or added up (where they are equally long). */
export const ABLATION_COMBINES = ["concat", "sum"] as const;
export type AblationCombine = (typeof ABLATION_COMBINES)[number];

/**
 * Of which step a training's figures are: `best` as the training keeps it, which is its start unless something is clearly better on
 * the validation; `last` as its last step left it, where losses, tricks and order show even if they were no gain.
 */
export const ABLATION_ENDS = ["best", "last"] as const;
export type AblationEnd = (typeof ABLATION_ENDS)[number];

/** One training of an ablation. What it finds is told for every way to combine its branches. */
export interface AblationCell {
  /** Descriptors in order: the first one feeds the classifier. */
  readonly config: string;
  readonly losses: AblationLosses;
  readonly tricks: AblationTricks;
  readonly seed: number;
}

/** Descriptors in every order of the paper's three. */
export const ABLATION_CONFIGS = ["S", "M", "G", "SM", "MS", "SG", "GS", "MG", "GM", "SMG", "MSG", "GSM"] as const;

/** Most runs of each cell. */
export const MOST_SEEDS = 20;

/** What an ablation is asked to compare. */
export interface AblationAxes {
  readonly configs: readonly string[];
  readonly losses: readonly AblationLosses[];
  readonly tricks: readonly AblationTricks[];
  readonly combine: readonly AblationCombine[];
  /** Runs of each cell: 1, 2, ... */
  readonly seeds: number;
  /** Every combination, instead of one factor at a time. */
  readonly full: boolean;
}

/** What a page proposes first: each factor once, without the orders. */
export const ABLATION_DEFAULTS: AblationAxes = {
  configs: ["S", "M", "G", "SM", "SG", "MG", "SMG"],
  losses: ABLATION_LOSSES,
  tricks: ["both"],
  combine: ["concat"],
  seeds: 3,
  full: false,
};

/** A line of the plan: settings that are asked for, and which training answers them. */
export interface PlannedCell extends AblationCell {
  /** Settings whose training is the same by construction, and runs for this one too; null where it runs itself. */
  readonly sameAs: AblationCell | null;
}

export interface AblationPlan {
  readonly cells: readonly PlannedCell[];
  /** Trainings that run. */
  readonly trainings: number;
  /** Estimated on this machine; null where nothing is known. */
  readonly seconds: number | null;
}

/** What a training found on the held-out images, by way of combining its branches. */
export interface AblationResult {
  readonly cell: AblationCell;
  readonly combine: AblationCombine;
  readonly end: AblationEnd;
  readonly queries: number;
  readonly metrics: Metrics;
}

/** A row of a table: one setting, over its seeds. */
export interface AblationRow {
  readonly config: string;
  readonly losses: AblationLosses;
  readonly tricks: AblationTricks;
  readonly combine: AblationCombine;
  readonly end: AblationEnd;
  readonly seeds: number;
  /** Means, and standard deviations over the seeds (0 for one), of fractions. */
  readonly means: Metrics;
  readonly spreads: Metrics;
  /** The setting whose training it is, where that is another one by construction. */
  readonly sameAs: string | null;
}

export interface AblationTable {
  readonly title: string;
  readonly rows: readonly AblationRow[];
}

export interface AblationReport {
  readonly folder: string;
  readonly mode: string;
  readonly plan: AblationPlan;
  readonly tables: readonly AblationTable[];
  readonly results: readonly AblationResult[];
  /** In plain words: what could not be done. */
  readonly warnings: readonly string[];
}

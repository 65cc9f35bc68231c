/** With fewer queries a share has steps of ten points and more: no figure. */
export const LEAST_QUERIES = 10;
/** With fewer queries chance alone moves a share by several points (the standard error of 80 % of 100 is 4 points). */
export const ENOUGH_QUERIES = 100;

/** What a retrieval figure (Recall@K, MAP@R, ...) was measured on. */
export interface FigureBasis {
  /** Images that have another one of their label to find. */
  readonly queries: number;
  /** Different labels among all images that can be found. */
  readonly classes: number;
}

/**
 * Whether such a figure means something; the one rule for little data, wherever a figure is shown.
 * `oneClass`: every answer would be right, so there is none. `fewQueries`: there is none either. `tooFewToTell`: it is shown
 * with that remark.
 */
export type FigureVerdict = "oneClass" | "fewQueries" | "tooFewToTell" | "enough";

export function judgeFigure({ queries, classes }: FigureBasis): FigureVerdict {
  if (classes < 2) return "oneClass";
  if (queries < LEAST_QUERIES) return "fewQueries";
  return queries < ENOUGH_QUERIES ? "tooFewToTell" : "enough";
}

/** Whether there is a figure to show. */
export function hasFigure(basis: FigureBasis): boolean {
  const verdict = judgeFigure(basis);
  return verdict === "tooFewToTell" || verdict === "enough";
}

/** Why there is no figure, or what to think of it; null where there is nothing to say. */
export function figureNote(basis: FigureBasis): string | null {
  switch (judgeFigure(basis)) {
    case "oneClass":
      return basis.classes === 0
        ? "no figure: no image has a label"
        : "no figure: all images are of one class, so every answer would be right";
    case "fewQueries":
      return `no figure: ${basis.queries} queries have another image of their class to find, and it takes ${LEAST_QUERIES}`;
    case "tooFewToTell":
      return `too few to tell: ${basis.queries} queries; differences of several points are chance`;
    case "enough":
      return null;
  }
}

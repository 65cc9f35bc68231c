/** What rows are called: their paths and the labels of their classes. */
export interface RowNames {
  readonly paths: readonly string[];
  /** By number of the class. */
  readonly labels: readonly string[];
}

/** Examples that are told of anything. */
export const TOLD = 20;

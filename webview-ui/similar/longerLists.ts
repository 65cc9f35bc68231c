import type { SimilarState } from "../../src/shared/index.ts";
import type { Column } from "./viewModel.ts";

/** When longer lists can be asked for, and how long. */
export class LongerLists {
  /** Length that was asked for. */
  #wanted = 0;

  /** Another query is shown. */
  forget(): void {
    this.#wanted = 0;
  }

  /** Lists that are shorter than what was asked for are at their end. @param columns as they were answered */
  maybe({ folder, examples }: SimilarState, columns: readonly Column[]): boolean {
    const longest = longestOf(columns);
    return longest >= this.#wanted && longest < folder.indexed - examples.length;
  }

  /** @returns the length to ask for next */
  next(columns: readonly Column[]): number {
    this.#wanted = 2 * longestOf(columns);
    return this.#wanted;
  }
}

function longestOf(columns: readonly Column[]): number {
  return Math.max(0, ...columns.map(({ cards }) => cards.length));
}

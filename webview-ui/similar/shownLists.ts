import type { BranchWeights, ShownLabels, SimilarState } from "../../src/shared/index.ts";
import { type ShownColumn, sharedBy, shownColumns, type ViewOptions } from "./filters.ts";
import { type Labelling, labellingOf, talliesText } from "./labels.ts";
import { type Column, columnsOf, comparedColumns } from "./viewModel.ts";
import { inForce } from "./weights.ts";

/** The lists as they are drawn. Each step is made anew only where something of it changed: a state comes with every step of indexing. */
export class ShownLists {
  /** As they were answered: nothing is left out. */
  columns: readonly Column[] = [];
  /** Every path that was in a list since the folder was first shown. */
  readonly paths = new Set<string>();
  readonly #columns = remembered<readonly Column[]>();
  readonly #labelling = remembered<Labelling>();
  readonly #shown = remembered<readonly ShownColumn[]>();

  /** Another folder is shown. */
  forget(): void {
    this.paths.clear();
  }

  labelling(state: SimilarState, labels: ShownLabels): Labelling {
    const { query, across } = state;
    const source = [labels, query.path, query.inside, JSON.stringify(state.labels), across === null];
    return this.#labelling(source, () => labellingOf(state, labels));
  }

  /** How many of its list each compared model has with the query's label; null where that cannot be said. */
  verdict(state: SimilarState, labels: ShownLabels): string | null {
    return state.comparison === null ? null : talliesText(this.columns, this.labelling(state, labels));
  }

  /** @param groups number of the group of the same picture, by path */
  columnsOf(
    state: SimilarState,
    weights: BranchWeights,
    labels: ShownLabels,
    options: ViewOptions,
    groups: ReadonlyMap<string, number>,
  ): readonly ShownColumn[] {
    const { result, comparison, across } = state;
    // Scores of several models do not compare, so combined is not made anew of them.
    const weighed = across?.order === "rank" ? undefined : inForce(weights, result);
    // Each message brings weights of its own, mostly the same.
    this.columns = this.#columns([result, comparison, JSON.stringify(weights)], () => {
      const columns =
        comparison !== null ? comparedColumns(comparison) : result === null ? [] : columnsOf(result, weighed);
      for (const { cards } of columns) for (const { path } of cards) this.paths.add(path);
      return columns;
    });
    const labelling = this.labelling(state, labels);
    const { labels: marked, collapse, perLabel } = options;
    const source = [this.columns, marked || perLabel ? labelling : null, groups, marked, collapse, perLabel];
    return this.#shown(source, () =>
      shownColumns(this.columns, marked ? labelling : null, sharedBy(options, labelling, groups)),
    );
  }
}

/** Makes something of a source, and gives the same again while all parts of the source are the same. */
function remembered<T>(): (source: readonly unknown[], make: () => T) => T {
  let last: { readonly source: readonly unknown[]; readonly value: T } | undefined;
  return (source, make) => {
    if (last === undefined || source.some((each, i) => each !== last!.source[i])) last = { source, value: make() };
    return last.value;
  };
}

/** The class of lists of so many columns: with more than a model of three branches has, each is narrower in the same width. */
export function crowdOf(columns: number): string {
  return columns > 6 ? "crowd" : columns > 4 ? "many" : "";
}

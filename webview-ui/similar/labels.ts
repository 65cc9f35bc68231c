import type { ShownLabels, SimilarState } from "../../src/shared/index.ts";
import type { Column } from "./viewModel.ts";

/** The labels of what is shown. */
export interface Labelling {
  /** Of the query: its first example. */
  readonly own: string | null;
  /** From a table: cards show them instead of folders. */
  readonly fromTable: boolean;
  labelOf(path: string): string | null;
}

/** How the images of a list stand to the query's label. */
export interface Tally {
  readonly same: number;
  readonly other: number;
  readonly unlabelled: number;
}

/** Labels by path, as the host has read them: from a table, or from folders. An image without one has null. */
export function labellingOf({ labels, query }: SimilarState, { byPath }: ShownLabels): Labelling {
  const known = new Map(byPath);
  const labelOf = (path: string) => known.get(path) ?? null;
  return { own: query.inside ? labelOf(query.path) : null, fromTable: labels !== null, labelOf };
}

/** null where one of the two has no label: they are neither the same nor different. */
export function isSame({ own, labelOf }: Labelling, path: string): boolean | null {
  const label = labelOf(path);
  return own === null || label === null ? null : label === own;
}

/** @returns null where the query has no label */
export function tallyOf({ cards }: Column, labelling: Labelling): Tally | null {
  if (labelling.own === null) return null;
  const marks = cards.map(({ path }) => isSame(labelling, path));
  const count = (mark: boolean | null) => marks.filter((each) => each === mark).length;
  return { same: count(true), other: count(false), unlabelled: count(null) };
}

/** How many of each list have the query's label, in short; null where it has none, or no list is there. */
export function talliesText(columns: readonly Column[], labelling: Labelling): string | null {
  const parts = columns.flatMap((column) => {
    const tally = column.cards.length === 0 ? null : tallyOf(column, labelling);
    return tally === null ? [] : [`${column.style.letter} ${tally.same}/${tally.same + tally.other}`];
  });
  return parts.length === 0 ? null : parts.join(" · ");
}

/** Number of images of a list by label; "" is without one. */
export function countLabels({ cards }: Column, { labelOf }: Labelling): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path } of cards) {
    const label = labelOf(path) ?? "";
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

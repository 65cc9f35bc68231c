import type { Failures, WrongResult } from "../../shared/index.ts";
import { type RowNames, TOLD } from "./names.ts";
import type { ColumnRanking, Ranking, RetrievalTask, TopLists } from "./task.ts";

/** Where each branch and combined fail. */
export function failuresOf(
  ranking: Ranking,
  task: Pick<RetrievalTask, "classes" | "gallery">,
  names: RowNames,
): Failures[] {
  return ranking.columns.flatMap((column) =>
    column.lists === null ? [] : [failuresIn(column, column.lists, ranking.queries, task, names)],
  );
}

function failuresIn(
  { key, first }: ColumnRanking,
  lists: TopLists,
  queries: Int32Array,
  { classes, gallery }: Pick<RetrievalTask, "classes" | "gallery">,
  { paths, labels }: RowNames,
): Failures {
  const labelOf = (row: number) => labels[classes[row]!] ?? "";
  const wrong = [...queries.keys()].filter((q) => first[q]! > 1);
  const margin = (q: number) => lists.wrongScores[q]! - lists.rightScores[q]!;
  const worst = wrong.toSorted((a, b) => margin(b) - margin(a) || a - b).slice(0, TOLD);
  const { histogram } = lists;
  return {
    descriptor: key,
    wrong: wrong.length,
    worst: worst.map(
      (q): WrongResult => ({
        query: paths[queries[q]!]!,
        label: labelOf(queries[q]!),
        wrong: paths[lists.wrong[q]!]!,
        wrongLabel: labelOf(lists.wrong[q]!),
        margin: margin(q),
        right: paths[lists.right[q]!]!,
      }),
    ),
    confused: confusedOf(wrong, queries, lists, labelOf, paths),
    ...hubsOf(lists, gallery, paths),
    histogram: { same: [...histogram.same], other: [...histogram.other] },
  };
}

function confusedOf(
  wrong: readonly number[],
  queries: Int32Array,
  lists: TopLists,
  labelOf: (row: number) => string,
  paths: readonly string[],
): Failures["confused"] {
  const pairs = new Map<string, { label: string; as: string; count: number; example: string }>();
  for (const q of wrong) {
    const [label, as] = [labelOf(queries[q]!), labelOf(lists.wrong[q]!)];
    // An image without a label that may be found is no class.
    if (as === "") continue;
    const key = JSON.stringify([label, as]);
    const pair = pairs.get(key) ?? { label, as, count: 0, example: paths[queries[q]!]! };
    pair.count++;
    pairs.set(key, pair);
  }
  return [...pairs.values()].sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1)).slice(0, TOLD);
}

function hubsOf(
  { rows }: TopLists,
  gallery: Int32Array,
  paths: readonly string[],
): Pick<Failures, "hubs" | "neverFound"> {
  const counts = new Map<number, number>();
  for (const row of rows) if (row >= 0) counts.set(row, (counts.get(row) ?? 0) + 1);
  const hubs = [...counts].sort(([a, one], [b, other]) => other - one || a - b).slice(0, TOLD);
  const never = [...gallery].filter((row) => !counts.has(row));
  return {
    hubs: hubs.map(([row, count]) => ({ path: paths[row]!, count })),
    neverFound: { count: never.length, first: never.slice(0, TOLD).map((row) => paths[row]!) },
  };
}

import {
  type BranchComparison,
  type ClassFigure,
  COMBINED,
  jaccard,
  type PairComparison,
  rankBiasedOverlap,
} from "../../shared/index.ts";
import { type RowNames, TOLD } from "./names.ts";
import type { ColumnRanking, Ranking, RetrievalTask, TopLists } from "./task.ts";

/** Where the branches of a model differ in what they find; null for a model with one branch. */
export function compareBranches(
  ranking: Ranking,
  task: Pick<RetrievalTask, "classes" | "names">,
  names: RowNames,
): BranchComparison | null {
  const branches = branchesOf(ranking, task.names);
  if (branches.length < 2 || ranking.queries.length === 0) return null;
  const pairs = branches.flatMap((a, i) =>
    branches.slice(i + 1).map((b) => comparePair(a, b, ranking.queries, names.paths)),
  );
  let anyRight = 0;
  for (const q of ranking.queries.keys()) if (branches.some(({ first }) => first[q] === 1)) anyRight++;
  return { pairs, oracle: anyRight / ranking.queries.length, wins: winsOf(ranking, task, names) };
}

function branchesOf({ columns }: Ranking, names: readonly string[]): ColumnRanking[] {
  return columns.filter(({ key }) => names.includes(key));
}

function comparePair(
  a: ColumnRanking,
  b: ColumnRanking,
  queries: Int32Array,
  paths: readonly string[],
): PairComparison {
  let [both, neither, jaccards, rbos] = [0, 0, 0, 0];
  const onlyA: number[] = [];
  const onlyB: number[] = [];
  for (const q of queries.keys()) {
    const [rightA, rightB] = [a.first[q] === 1, b.first[q] === 1];
    if (rightA && rightB) both++;
    else if (rightA) onlyA.push(q);
    else if (rightB) onlyB.push(q);
    else neither++;
    const [listA, listB] = [listOf(a.lists!, q), listOf(b.lists!, q)];
    jaccards += jaccard(listA, listB);
    rbos += rankBiasedOverlap(listA, listB);
  }
  const examples = (only: readonly number[], { lists }: ColumnRanking) =>
    only
      .toSorted((one, other) => marginOf(lists!, other) - marginOf(lists!, one) || one - other)
      .slice(0, TOLD)
      .map((q) => paths[queries[q]!]!);
  return {
    a: a.key,
    b: b.key,
    both,
    onlyA: onlyA.length,
    onlyB: onlyB.length,
    neither,
    jaccard: jaccards / queries.length,
    rbo: rbos / queries.length,
    examplesA: examples(onlyA, a),
    examplesB: examples(onlyB, b),
  };
}

/** By how much the best right image is above the best wrong one. */
function marginOf({ rightScores, wrongScores }: TopLists, q: number): number {
  return rightScores[q]! - wrongScores[q]!;
}

function listOf({ rows, k }: TopLists, q: number): number[] {
  return Array.from(rows.subarray(q * k, (q + 1) * k)).filter((row) => row >= 0);
}

/** Recall@1 of every class, by branch and combined; in the order of their labels. */
export function classFigures(
  ranking: Ranking,
  { classes, names: branches }: Pick<RetrievalTask, "classes" | "names">,
  { labels }: RowNames,
): ClassFigure[] {
  const columns = ranking.columns.filter(({ key }) => key === COMBINED || branches.includes(key));
  const found = new Map<number, { queries: number; hits: number[] }>();
  for (const [q, row] of ranking.queries.entries()) {
    const of = found.get(classes[row]!) ?? { queries: 0, hits: columns.map(() => 0) };
    of.queries++;
    for (const [c, { first }] of columns.entries()) if (first[q] === 1) of.hits[c]!++;
    found.set(classes[row]!, of);
  }
  return [...found]
    .map(([number, { queries, hits }]) => ({
      label: labels[number]!,
      queries,
      recalls: Object.fromEntries(columns.map(({ key }, c) => [key, hits[c]! / queries])),
    }))
    .sort((a, b) => (a.label < b.label ? -1 : 1));
}

function winsOf(
  ranking: Ranking,
  task: Pick<RetrievalTask, "classes" | "names">,
  names: RowNames,
): BranchComparison["wins"] {
  const figures = classFigures(ranking, task, names);
  const lead = ({ recalls }: ClassFigure, name: string) =>
    recalls[name]! - Math.max(...task.names.filter((other) => other !== name).map((other) => recalls[other]!));
  return task.names.map((descriptor) => {
    const won = figures.filter((figure) => lead(figure, descriptor) > 0);
    won.sort((a, b) => lead(b, descriptor) - lead(a, descriptor) || b.queries - a.queries);
    return { descriptor, classes: won.length, first: won.slice(0, TOLD) };
  });
}

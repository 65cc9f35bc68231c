import type { RetrievalTask } from "../../../src/core/evaluation/index.ts";

/** What one query scores; null where it has nothing to find. */
export interface QueryReference {
  readonly first: number;
  readonly averagePrecision: number;
  readonly rPrecision: number;
  readonly list: readonly number[];
}

/** The definitions of the metrics, word by word, in float64 and by sorting everything: what the product is held to. */
export function referenceOf(
  task: RetrievalTask,
  query: number,
  branches: readonly number[],
  withoutCopies = false,
): QueryReference | null {
  const group = task.copies?.[query] ?? -1;
  const isCopy = (row: number) => group >= 0 && task.copies![row] === group;
  const found = [...task.gallery].filter((row) => row !== query && !(withoutCopies && isCopy(row)));
  const score = (row: number) => branches.reduce((sum, b) => sum + dot(task, b, query, row), 0);
  const scores = new Map(found.map((row) => [row, score(row)]));
  const list = found.sort((a, b) => scores.get(b)! - scores.get(a)! || a - b);
  const isRight = (row: number) => task.classes[row] === task.classes[query];
  const relevant = list.filter(isRight).length;
  if (relevant === 0 || task.classes[query]! < 0) return null;
  const firstR = list.slice(0, relevant);
  const precisionAt = (i: number) => list.slice(0, i).filter(isRight).length / i;
  return {
    first: 1 + list.findIndex(isRight),
    averagePrecision: firstR.reduce((sum, row, i) => sum + (isRight(row) ? precisionAt(i + 1) : 0), 0) / relevant,
    rPrecision: firstR.filter(isRight).length / relevant,
    list,
  };
}

function dot({ dims, matrices }: RetrievalTask, b: number, one: number, other: number): number {
  const dim = dims[b]!;
  let sum = 0;
  for (let i = 0; i < dim; i++) sum += matrices[b]![one * dim + i]! * matrices[b]![other * dim + i]!;
  return sum;
}

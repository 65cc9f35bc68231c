import { equalWeights, type Mark, type WeightGain } from "../../shared/index.ts";
import type { EmbeddingSource } from "../search/index.ts";
import { averagePrecision } from "./averagePrecision.ts";
import { branchScores, type KnownScores } from "./branchScores.ts";
import type { LabelChoice } from "./byLabels.ts";
import { climb } from "./climb.ts";

/** Fewer marks, or queries with marks of both kinds, tell too little. */
const LEAST_MARKS = 20;
const LEAST_QUERIES = 4;

/** Rows of a query's marked images. */
interface MarkedQuery {
  readonly row: number;
  readonly right: readonly number[];
  readonly wrong: readonly number[];
}

/**
 * Weights by marks: those that rank what belongs above what does not, among the marked images of each query. They are taken only
 * where queries gain that were left out of the choice, by more than the standard error over queries.
 * @throws the signal's reason
 */
export async function weightsByMarks(
  source: EmbeddingSource,
  marks: readonly Mark[],
  signal?: AbortSignal,
): Promise<LabelChoice> {
  const { descriptors } = source.model;
  const equal = equalWeights(descriptors);
  if (descriptors.length < 2) return { weights: equal, reason: "single" };
  const agreed = withoutContradictions(marks);
  const wanted = [...new Set(agreed.flatMap(({ query, image }) => [query, image]))];
  const known = await branchScores(source, wanted, signal);
  const queries = queriesOf(agreed, known);
  const counted = queries.reduce((sum, { right, wrong }) => sum + right.length + wrong.length, 0);
  if (queries.length < LEAST_QUERIES || counted < LEAST_MARKS) return { weights: equal, reason: "fewMarks" };

  const precision = ({ row, right, wrong }: MarkedQuery, shares: readonly number[]) =>
    averagePrecision(known, row, right, wrong, shares);
  const choose = (from: readonly MarkedQuery[]) =>
    climb(descriptors.length, async (shares) => {
      signal?.throwIfAborted();
      return from.reduce((sum, query) => sum + precision(query, shares), 0);
    });
  const same = descriptors.map(() => 1);
  const gains: number[] = [];
  for (const query of queries) {
    const shares = await choose(queries.filter((other) => other !== query));
    gains.push(precision(query, shares) - precision(query, same));
  }
  const gain = gainOf(gains);
  if (!(gain.mean > gain.error)) return { weights: equal, reason: "noGain", gain };
  const found = await choose(queries);
  return { weights: Object.fromEntries(descriptors.map((name, b) => [name, found[b]!])), gain };
}

/** Of one pair, whichever of the two was the query, the marks say the same, or they say nothing. */
function withoutContradictions(marks: readonly Mark[]): readonly Mark[] {
  const pairOf = ({ query, image }: Mark) => JSON.stringify([query, image].sort());
  const said = new Map<string, Set<boolean>>();
  for (const mark of marks) {
    const pair = pairOf(mark);
    said.set(pair, (said.get(pair) ?? new Set()).add(mark.belongs));
  }
  const unique = new Map(marks.map((mark) => [JSON.stringify([mark.query, mark.image]), mark]));
  return [...unique.values()].filter((mark) => said.get(pairOf(mark))!.size === 1 && mark.query !== mark.image);
}

/** Queries whose marks are of both kinds: of the others every ranking is right. */
function queriesOf(marks: readonly Mark[], { rows }: KnownScores): MarkedQuery[] {
  const byQuery = new Map<number, { right: number[]; wrong: number[] }>();
  for (const { query, image, belongs } of marks) {
    const [row, other] = [rows.get(query), rows.get(image)];
    if (row === undefined || other === undefined) continue;
    const own = byQuery.get(row) ?? { right: [], wrong: [] };
    (belongs ? own.right : own.wrong).push(other);
    byQuery.set(row, own);
  }
  const both = [...byQuery].filter(([, { right, wrong }]) => right.length > 0 && wrong.length > 0);
  return both.map(([row, own]) => ({ row, ...own }));
}

function gainOf(gains: readonly number[]): WeightGain {
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (gains.length - 1);
  const error = Math.sqrt(variance / gains.length);
  return { mean, error, chosenOn: gains.length - 1, measuredOn: gains.length, over: "marks" };
}

import {
  COMBINED,
  type ExampleHit,
  type FigureBasis,
  figureNote,
  hasFigure,
  type Recalls,
  type TrainingExample,
} from "../../../shared/index.ts";
import {
  type ColumnRanking,
  mean,
  metricsOf,
  type QueryRanks,
  type Ranking,
  rankQueries,
  type TopLists,
} from "../../evaluation/index.ts";
import type { Rows } from "../../neighbours/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";

/** Results that are shown of an example. */
const SHOWN = 5;

/** What the held-out images find among themselves. */
export interface Evaluation {
  readonly recalls: Recalls;
  readonly basis: FigureBasis;
  /** The same where no query may find its own copy; absent where the test has no copies. */
  readonly withoutCopies?: Recalls;
  /** Why there is no figure, or what to think of it; null where there is nothing to say. */
  readonly note: string | null;
  /** What those that have another image of their class find by the combined score. */
  readonly found: Found;
}

interface Found {
  /** int32 per image: its place among the lists; -1 for one that asks nothing. */
  readonly places: Int32Array;
  readonly lists: TopLists;
}

/** The images of a test. */
interface Tested {
  readonly images: readonly LabelledImage[];
  /** Numbers of their pictures, the same for copies; absent where there are none. */
  readonly copies: Int32Array | undefined;
}

/** Which held-out images are shown as examples, and what they found before the training. */
interface ExamplesAsked {
  /** Positions in the test. */
  readonly examples: readonly number[];
  readonly test: { readonly images: readonly LabelledImage[] };
  readonly baseline: Evaluation;
}

/**
 * Recall@1 of every branch and combined (`rankQueries`): each test image queries all other test images; those without another of
 * their class are left out. A figure that would mean nothing is null (`judgeFigure`; a test in which each query has its own copy
 * to find).
 * @param names of the branches
 * @param rows one per image
 */
export async function evaluateRows(
  names: readonly string[],
  rows: Rows,
  { images, copies }: Tested,
  signal?: AbortSignal,
): Promise<Evaluation> {
  const ranking = await rankTest(names, rows, images, { copies, signal });
  const queries = ranking.queries.length;
  const basis = { queries, classes: new Set(images.map(({ label }) => label)).size };
  const copied = copies === undefined ? 0 : Array.from(ranking.queries).filter((i) => hasCopy(copies, i)).length;
  const allCopied = copied > 0 && copied === queries;
  const recalls = (figure: boolean, of: (column: ColumnRanking) => QueryRanks): Recalls => {
    const columns = ranking.columns.filter(({ key }) => key === COMBINED || names.includes(key));
    return Object.fromEntries(
      columns.map((column) => [
        column.key,
        { "recall@1": figure ? mean(metricsOf(of(column), [1]).get("recall@1")!) : null },
      ]),
    );
  };
  const evaluation = {
    recalls: recalls(hasFigure(basis) && !allCopied, (column) => column),
    note: hasFigure(basis) && allCopied ? "no figure: each query has its own copy to find" : figureNote(basis),
    basis,
    found: foundBy(ranking, images.length),
  };
  if (copies === undefined) return evaluation;
  const others = ranking.queriesWithoutCopies?.length ?? queries;
  return {
    ...evaluation,
    withoutCopies: recalls(hasFigure({ ...basis, queries: others }), (column) => column.withoutCopies ?? column),
  };
}

/** What images find among each other, by all branches. */
export function rankTest(
  names: readonly string[],
  { count, dims, matrices }: Rows,
  images: readonly LabelledImage[],
  { copies, signal }: { readonly copies?: Int32Array | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Ranking> {
  const numbers = new Map<string, number>();
  for (const { label } of images) if (!numbers.has(label)) numbers.set(label, numbers.size);
  const all = Int32Array.from({ length: count }, (_, row) => row);
  const classes = Int32Array.from(images, ({ label }) => numbers.get(label)!);
  return rankQueries({ names, dims, count, matrices, classes, queries: all, gallery: all, copies }, { signal });
}

function foundBy({ queries, columns }: Ranking, images: number): Found {
  const places = new Int32Array(images).fill(-1);
  for (const [place, image] of queries.entries()) places[image] = place;
  return { places, lists: columns.at(-1)!.lists! };
}

function hasCopy(copies: Int32Array, image: number): boolean {
  return copies.some((number, other) => other !== image && number === copies[image]);
}

/** The examples of a run with what is found first, before and now. */
export function examplesOf(
  { examples, test: { images }, baseline }: ExamplesAsked,
  now: Evaluation,
): TrainingExample[] {
  return examples.map((query) => ({
    query: images[query]!.path,
    label: images[query]!.label,
    before: hitsOf(baseline, query, images),
    now: hitsOf(now, query, images),
  }));
}

/** The first results of a test image. */
function hitsOf(
  { found: { places, lists } }: Evaluation,
  query: number,
  images: readonly LabelledImage[],
): ExampleHit[] {
  const from = places[query]! * lists.k;
  return Array.from(lists.rows.subarray(from, from + SHOWN)).flatMap((row, i) => {
    if (row < 0) return [];
    const { path, label } = images[row]!;
    return [{ path, score: lists.scores[from + i]!, sameLabel: label === images[query]!.label }];
  });
}

/**
 * Test images to show: those that the baseline gets wrong, since they are where a training shows, spread over the test;
 * then others.
 */
export function chooseExamples(
  { found: { places, lists } }: Evaluation,
  images: readonly LabelledImage[],
  count: number,
): number[] {
  const queries = [...images.keys()].filter((i) => places[i]! >= 0);
  const wrong = queries.filter((i) => images[lists.rows[places[i]! * lists.k]!]!.label !== images[i]!.label);
  const pool = wrong.length >= count ? wrong : queries;
  return Array.from({ length: Math.min(count, pool.length) }, (_, i) => pool[Math.floor((i * pool.length) / count)]!);
}

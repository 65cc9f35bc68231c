import {
  COMBINED,
  type ExampleHit,
  type FigureBasis,
  figureNote,
  hasFigure,
  type Recalls,
  type TrainingExample,
} from "../../../shared/index.ts";
import type { NeighbourSearch, NeighbourTable, Rows } from "../../neighbours/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";

/** Results that are shown of an example. */
const SHOWN = 5;

/** Copies of one picture beyond which an image's list is not followed. */
const MOST_COPIES = 45;

/** What the held-out images find among themselves. */
export interface Evaluation {
  readonly recalls: Recalls;
  readonly basis: FigureBasis;
  /** The same where no query may find its own copy; absent where the test has no copies. */
  readonly withoutCopies?: Recalls;
  /** Why there is no figure, or what to think of it; null where there is nothing to say. */
  readonly note: string | null;
  /** Of every test image, the best other ones by the combined score. */
  readonly combined: NeighbourTable;
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
 * Recall@1 of every branch and combined: each test image queries all other test images; those without another of their
 * class are left out (the definition of `evaluateRetrieval`, which this agrees with; onnxruntime does the products). A figure that
 * would mean nothing is null (`judgeFigure`; a test in which each query has its own copy to find).
 * @param names of the branches
 * @param rows one per image
 */
export async function evaluateRows(
  search: NeighbourSearch,
  names: readonly string[],
  rows: Rows,
  { images, copies }: Tested,
  signal?: AbortSignal,
): Promise<Evaluation> {
  const k = SHOWN + (copies === undefined ? 0 : Math.min(MOST_COPIES, largestOf(copies) - 1));
  const tables = await search.nearest(rows, rows, k, (query) => query, { signal });
  const columns = [...names, COMBINED];
  const all = askersOf(images);
  const basis = { queries: all.length, classes: new Set(images.map(({ label }) => label)).size };
  const copied = copies === undefined ? 0 : all.filter((i) => hasCopy(copies, i)).length;
  const allCopied = copied > 0 && copied === all.length;
  const recalls = (asking: readonly number[], figure: boolean, passed?: Int32Array): Recalls =>
    Object.fromEntries(
      columns.map((name, c) => [name, { "recall@1": figure ? recallOf(tables[c]!, images, asking, passed) : null }]),
    );
  const combined = tables[names.length]!;
  const evaluation = {
    recalls: recalls(all, hasFigure(basis) && !allCopied),
    note: hasFigure(basis) && allCopied ? "no figure: each query has its own copy to find" : figureNote(basis),
    basis,
    combined,
  };
  if (copies === undefined) return evaluation;
  const others = askersOf(images, copies);
  return {
    ...evaluation,
    withoutCopies: recalls(others, hasFigure({ ...basis, queries: others.length }), copies),
  };
}

/** Images with another one of their label. @param copies that are not counted as another one, where given */
function askersOf(images: readonly LabelledImage[], copies?: Int32Array): number[] {
  const pictures = new Map<string, Set<number>>();
  for (const [i, { label }] of images.entries()) {
    const known = pictures.get(label) ?? new Set();
    pictures.set(label, known.add(copies?.[i] ?? i));
  }
  return [...images.keys()].filter((i) => pictures.get(images[i]!.label)!.size > 1);
}

/** @param passed numbers of pictures: what has the query's own is passed over */
function recallOf(
  { k, indices }: NeighbourTable,
  images: readonly LabelledImage[],
  queries: readonly number[],
  passed?: Int32Array,
): number {
  let hits = 0;
  for (const query of queries) {
    const list = indices.subarray(query * k, (query + 1) * k);
    const first = passed === undefined ? list[0]! : (list.find((hit) => passed[hit] !== passed[query]) ?? -1);
    if (images[first]?.label === images[query]!.label) hits++;
  }
  return hits / queries.length;
}

function hasCopy(copies: Int32Array, image: number): boolean {
  return copies.some((number, other) => other !== image && number === copies[image]);
}

function largestOf(copies: Int32Array): number {
  const counts = new Map<number, number>();
  for (const number of copies) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts.values()].reduce((most, n) => Math.max(most, n), 1);
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
function hitsOf({ combined }: Evaluation, query: number, images: readonly LabelledImage[]): ExampleHit[] {
  const { k, indices, scores } = combined;
  return Array.from({ length: Math.min(k, SHOWN) }, (_, i): ExampleHit => {
    const hit = images[indices[query * k + i]!]!;
    return { path: hit.path, score: scores[query * k + i]!, sameLabel: hit.label === images[query]!.label };
  });
}

/**
 * Test images to show: those that the baseline gets wrong, since they are where a training shows, spread over the test;
 * then others.
 */
export function chooseExamples(baseline: Evaluation, images: readonly LabelledImage[], count: number): number[] {
  const sizes = new Map<string, number>();
  for (const { label } of images) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const { k, indices } = baseline.combined;
  const queries = [...images.keys()].filter((i) => sizes.get(images[i]!.label)! > 1);
  const wrong = queries.filter((i) => images[indices[i * k]!]!.label !== images[i]!.label);
  const pool = wrong.length >= count ? wrong : queries;
  return Array.from({ length: Math.min(count, pool.length) }, (_, i) => pool[Math.floor((i * pool.length) / count)]!);
}

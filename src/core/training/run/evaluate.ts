import {
  COMBINED,
  type ExampleHit,
  type FigureBasis,
  type Recalls,
  type TrainingExample,
} from "../../../shared/index.ts";
import type { NeighbourSearch, NeighbourTable, Rows } from "../../neighbours/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";

/** Results that are shown of an example. */
const SHOWN = 5;

/** What the held-out images find among themselves. */
export interface Evaluation {
  readonly recalls: Recalls;
  readonly basis: FigureBasis;
  /** Of every test image, the best other ones by the combined score. */
  readonly combined: NeighbourTable;
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
 * class are left out (the definition of `evaluateRetrieval`, which this agrees with; onnxruntime does the products).
 * @param names of the branches
 * @param rows one per image
 */
export async function evaluateRows(
  search: NeighbourSearch,
  names: readonly string[],
  rows: Rows,
  images: readonly LabelledImage[],
  signal?: AbortSignal,
): Promise<Evaluation> {
  const tables = await search.nearest(rows, rows, SHOWN, (query) => query, { signal });
  const sizes = new Map<string, number>();
  for (const { label } of images) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const queries = [...images.keys()].filter((i) => sizes.get(images[i]!.label)! > 1);
  const recall = ({ k, indices }: NeighbourTable) => {
    const hits = queries.filter((i) => images[indices[i * k]!]!.label === images[i]!.label).length;
    return { "recall@1": queries.length === 0 ? 0 : hits / queries.length };
  };
  const columns = [...names, COMBINED];
  return {
    recalls: Object.fromEntries(columns.map((name, c) => [name, recall(tables[c]!)])),
    basis: { queries: queries.length, classes: sizes.size },
    combined: tables[names.length]!,
  };
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
  return Array.from({ length: k }, (_, i): ExampleHit => {
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

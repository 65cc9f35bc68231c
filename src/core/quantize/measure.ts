import { hasFigure } from "../../shared/index.ts";
import { mean, metricsOf, rankQueries } from "../evaluation/index.ts";
import { ModelError } from "../model/index.ts";
import type { Embedder } from "../runtime/index.ts";

/** Images per run of each model. */
const BATCH = 8;

export interface Comparison {
  /** Images that both models embedded. */
  readonly images: number;
  /** Between the combined embeddings of the two models. */
  readonly cosine: { readonly mean: number; readonly least: number };
  /** Of the model's run alone, without decoding; batches of 8, the two models in turn. */
  readonly imagesPerSecond: { readonly before: number; readonly after: number };
  /** Recall@1 of combined; null where the images have no classes, or too few that it would mean something (`hasFigure`). */
  readonly recall: { readonly before: number; readonly after: number; readonly queries: number } | null;
}

export interface MeasuredImage {
  /** uint8 RGB `[height, width, 3]`. */
  readonly pixels: Uint8Array;
  readonly label: string | null;
}

/**
 * Embeds the same images with a model and with one made from it, and compares what comes out.
 * @throws ModelError where a model gives values that are no numbers
 */
export async function compareModels(
  before: Embedder,
  after: Embedder,
  images: AsyncIterable<MeasuredImage>,
): Promise<Comparison> {
  const models = [
    { embedder: before, rows: [] as Float32Array[], milliseconds: 0 },
    { embedder: after, rows: [] as Float32Array[], milliseconds: 0 },
  ];
  const labels: (string | null)[] = [];
  let batch: Uint8Array[] = [];
  let turn = 0;

  async function run(): Promise<void> {
    const pixels = Buffer.concat(batch);
    const order = turn++ % 2 === 0 ? models : models.toReversed();
    for (const model of order) {
      // The first run also sets up memory.
      if (turn === 1) await model.embedder.embed(pixels, batch.length);
      const start = performance.now();
      model.rows.push(await model.embedder.embed(pixels, batch.length));
      model.milliseconds += performance.now() - start;
    }
    batch = [];
  }

  for await (const { pixels, label } of images) {
    batch.push(pixels);
    labels.push(label);
    if (batch.length === BATCH) await run();
  }
  if (batch.length > 0) await run();

  const { dim } = before;
  const [a, b] = models.map(({ rows }) => concatenate(rows, labels.length * dim)) as [Float32Array, Float32Array];
  const cosines = labels.map((_, i) => cosine(a.subarray(i * dim, (i + 1) * dim), b.subarray(i * dim, (i + 1) * dim)));
  if (!cosines.every(Number.isFinite)) {
    throw new ModelError("The model gives embeddings that are no numbers. Build or train it again.");
  }
  const perSecond = ({ milliseconds }: (typeof models)[number]) => (1000 * labels.length) / milliseconds;
  return {
    images: labels.length,
    cosine: { mean: cosines.reduce((sum, x) => sum + x, 0) / cosines.length, least: Math.min(...cosines) },
    imagesPerSecond: { before: perSecond(models[0]!), after: perSecond(models[1]!) },
    recall: await recall(a, b, dim, labels),
  };
}

async function recall(before: Float32Array, after: Float32Array, dim: number, labels: readonly (string | null)[]) {
  if (!labels.every((label) => label !== null)) return null;
  const numbers = new Map([...new Set(labels)].map((label, i) => [label, i]));
  const all = Int32Array.from(labels.keys());
  // Branches have norm 1, so products of them side by side rank as those of combined do.
  const of = async (embeddings: Float32Array) => {
    const { queries, columns } = await rankQueries({
      ...{ names: ["all"], dims: [dim], count: labels.length, matrices: [embeddings] },
      ...{ classes: Int32Array.from(labels, (label) => numbers.get(label)!), queries: all, gallery: all },
    });
    return { recall: mean(metricsOf(columns[0]!, [1]).get("recall@1")!), queries: queries.length };
  };
  const [one, two] = [await of(before), await of(after)];
  if (!hasFigure({ queries: one.queries, classes: numbers.size })) return null;
  return { before: one.recall, after: two.recall, queries: one.queries };
}

function concatenate(rows: readonly Float32Array[], length: number): Float32Array {
  const all = new Float32Array(length);
  let offset = 0;
  for (const row of rows) {
    all.set(row, offset);
    offset += row.length;
  }
  return all;
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  // Two pictures of nothing are alike.
  return aa === 0 && bb === 0 ? 1 : dot / Math.sqrt(aa * bb);
}

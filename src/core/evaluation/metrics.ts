import type { QueryRanks } from "./task.ts";

/** A metric's value for every query; its figure is their mean. */
export type MetricValues = ReadonlyMap<string, Float64Array>;

/**
 * The metrics of the retrieval papers, defined as pytorch-metric-learning does (Musgrave et al., "PyTorch Metric Learning",
 * 2020, `AccuracyCalculator`). R is the number of images of the query's class in the gallery without the query itself;
 * queries with R = 0 are left out before. All are fractions, 0 to 1.
 *
 * - `recall@K`: 1 where one of the first K images has the query's class, else 0 (Jegou et al., "Product Quantization for
 *   Nearest Neighbor Search", 2011, as used in metric learning since Oh Song et al. 2016). Recall@1 is precision at 1.
 * - `r-precision`: images of the query's class among the first R, divided by R (Musgrave et al., "A Metric Learning Reality
 *   Check", 2020, section 2.3).
 * - `map@r`: (1/R) * sum over i = 1..R of P(i) where the i-th image has the query's class, else 0; P(i) is the share of
 *   images of the class among the first i (the same, equation 1). It divides by R, not by the images that were found.
 * - `mrr`: 1 / rank of the first image of the query's class (Voorhees, "The TREC-8 Question Answering Track Report", 1999).
 *
 * @param ks a Recall@K for each
 */
export function metricsOf({ first, averagePrecision, rPrecision }: QueryRanks, ks: readonly number[]): MetricValues {
  const values = new Map<string, Float64Array>();
  for (const k of ks) {
    values.set(
      `recall@${k}`,
      Float64Array.from(first, (rank) => (rank <= k ? 1 : 0)),
    );
  }
  values.set("r-precision", rPrecision);
  values.set("map@r", averagePrecision);
  values.set(
    "mrr",
    Float64Array.from(first, (rank) => 1 / rank),
  );
  return values;
}

/** 0 for none. */
export function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return values.length === 0 ? 0 : sum / values.length;
}

/** The mean over classes of the mean of each class's queries: large classes count no more than small ones. */
export function classMean(values: Float64Array, classes: Int32Array): number {
  const sums = new Map<number, { sum: number; count: number }>();
  for (let i = 0; i < values.length; i++) {
    const of = sums.get(classes[i]!) ?? { sum: 0, count: 0 };
    of.sum += values[i]!;
    of.count++;
    sums.set(classes[i]!, of);
  }
  let total = 0;
  for (const { sum, count } of sums.values()) total += sum / count;
  return sums.size === 0 ? 0 : total / sums.size;
}

import type { DescriptorFigures, FigureDifference, Intervals, Metrics } from "../../shared/index.ts";
import { ClassBootstrap, pairedInterval, percentiles, wilson } from "./intervals.ts";
import { classMean, type MetricValues, mean, metricsOf } from "./metrics.ts";
import type { Ranking, RetrievalTask } from "./task.ts";

/** The figures of a ranking, and the bootstrap that two rankings of the same queries can be compared by. */
export interface RankingFigures {
  readonly descriptors: Readonly<Record<string, DescriptorFigures>>;
  /** By key and metric, float64 `[1000]`: means over the same draws in every column. */
  readonly replicates: ReadonlyMap<string, ReadonlyMap<string, Float64Array>>;
}

/** @param ks a Recall@K for each */
export function figuresOf(
  ranking: Ranking,
  { classes }: Pick<RetrievalTask, "classes">,
  ks: readonly number[],
): RankingFigures {
  const of = ranking.queries.map((row) => classes[row]!);
  const bootstrap = new ClassBootstrap(of);
  const kept = ranking.queriesWithoutCopies?.map((q) => of[q]!);
  const keptBootstrap = kept === undefined ? undefined : new ClassBootstrap(kept);
  const descriptors: Record<string, DescriptorFigures> = {};
  const replicates = new Map<string, Map<string, Float64Array>>();
  for (const { key, withoutCopies, ...ranks } of ranking.columns) {
    const values = metricsOf(ranks, ks);
    const drawn = replicate(bootstrap, values);
    replicates.set(key, drawn);
    descriptors[key] = {
      ...summarise(values, drawn),
      classMeans: map(values, (each) => classMean(each, of)),
      withoutCopies: withoutCopies === null ? null : withoutCopiesOf(metricsOf(withoutCopies, ks), keptBootstrap!),
    };
  }
  return { descriptors, replicates };
}

/** What every metric is in column `a` of one ranking above column `b` of another one of the same queries. */
export function differencesOf(
  one: RankingFigures,
  a: string,
  other: RankingFigures,
  b: string,
  names: { readonly a: string; readonly b: string } = { a, b },
): FigureDifference[] {
  const [left, right] = [one.replicates.get(a)!, other.replicates.get(b)!];
  const [metrics, against] = [one.descriptors[a]!.metrics, other.descriptors[b]!.metrics];
  return [...left.keys()].flatMap((metric) => {
    const there = right.get(metric);
    if (there === undefined) return [];
    const difference = metrics[metric]! - against[metric]!;
    return [{ ...names, metric, difference, interval: pairedInterval(left.get(metric)!, there) }];
  });
}

function withoutCopiesOf(values: MetricValues, bootstrap: ClassBootstrap): DescriptorFigures["withoutCopies"] {
  const queries = values.get("mrr")!.length;
  if (queries === 0) return { queries, metrics: {}, intervals: {} };
  return { queries, ...summarise(values, replicate(bootstrap, values)) };
}

function replicate(bootstrap: ClassBootstrap, values: MetricValues): Map<string, Float64Array> {
  const drawn = bootstrap.replicates([...values.values()]);
  return new Map([...values.keys()].map((metric, i) => [metric, drawn[i]!]));
}

function summarise(
  values: MetricValues,
  drawn: ReadonlyMap<string, Float64Array>,
): { readonly metrics: Metrics; readonly intervals: Intervals } {
  const intervals: Record<string, readonly [number, number]> = {};
  for (const [metric, each] of values) {
    // A recall is a share of right queries; the others are means of fractions.
    const isShare = metric.startsWith("recall@");
    intervals[metric] = isShare ? wilson(mean(each), each.length) : percentiles(drawn.get(metric)!);
  }
  return { metrics: map(values, mean), intervals };
}

function map(values: MetricValues, of: (each: Float64Array) => number): Metrics {
  return Object.fromEntries([...values].map(([metric, each]) => [metric, of(each)]));
}

import { codeQuery } from "./codes.ts";
import type { Findings, ScanQuery } from "./scan.ts";

/** What a coarse search is asked. */
export interface CoarseQuery {
  /** One float32 `[dim]` of norm 1 (or 0) per branch. */
  readonly branches: readonly Float32Array[];
  /** How long each list has to be. */
  readonly k: number;
  /** Share of each branch in combined; equal where absent. */
  readonly shares?: readonly number[] | undefined;
  /** Whether a row may be found; all may where absent. */
  readonly within?: ((row: number) => boolean) | undefined;
  /** Whether only combined is asked for, and its lowest too. */
  readonly combinedEnds?: boolean | undefined;
  /** Paths of further images that are wanted whatever they score. */
  readonly also?: readonly string[] | undefined;
  /** Rows that were read for the same question before, to which those are added that are read now. */
  readonly read?: Map<number, Float32Array> | undefined;
}

/** A query in columns: the branches, combined, and what is lowest in combined where that was asked. */
export interface AskedColumns {
  readonly scan: ScanQuery;
  /** Whether there is a column in which every row scores 0. */
  readonly even: boolean;
}

export function columnsOf(
  { branches, k, shares, combinedEnds = false }: CoarseQuery,
  count: number,
  filtered: boolean,
): AskedColumns {
  const coded = branches.map((branch) => codeQuery(branch, branches.length));
  const columns = combinedEnds ? [] : branches.map((_, branch) => ({ terms: [{ branch, weight: 1 }], k }));
  // As the exact search has them.
  const combined = branches.map((_, branch) => ({
    branch,
    weight: Math.fround(shares?.[branch] ?? 1 / branches.length),
  }));
  columns.push({ terms: combined, k });
  if (combinedEnds) {
    const terms = combined.map(({ branch, weight }) => ({ branch, weight: -weight }));
    columns.push({ terms, k: 1 });
  }
  const says = (column: (typeof columns)[number]) =>
    column.terms.some(({ branch, weight }) => weight !== 0 && coded[branch]!.square > 0);
  const asked = columns.filter(says);
  return {
    scan: {
      branches: coded,
      columns: asked.map(({ terms, k }) => ({ terms: terms.filter(({ weight }) => weight !== 0), k })),
      count,
      filtered,
    },
    even: asked.length < columns.length,
  };
}

/**
 * Those findings that can still be among the best: in each column so many rows score at least as high as the limit.
 * @param findings of all threads
 */
export function possible(findings: Findings, { scan }: AskedColumns): Findings {
  const lows = scan.columns.map(() => [] as number[]);
  for (let i = 0; i < findings.count; i++) lows[findings.column(i)]!.push(findings.low(i));
  return findings.above(scan.columns.map(({ k }, c) => highest(Float32Array.from(lows[c]!), k)));
}

/** The `k`-th highest; below all numbers where there are fewer. */
export function highest(values: Float32Array, k: number): number {
  return values.length < k ? Number.NEGATIVE_INFINITY : values.sort()[values.length - k]!;
}

/** Rows that are likely to be the best of each column. */
export function likely(findings: Findings, { scan }: AskedColumns): Set<number> {
  const middles = scan.columns.map(() => [] as number[]);
  for (let i = 0; i < findings.count; i++) middles[findings.column(i)]!.push(findings.low(i) + findings.high(i));
  const limits = scan.columns.map(({ k }, c) => highest(Float32Array.from(middles[c]!), k));
  const rows = new Set<number>();
  for (let i = 0; i < findings.count; i++) {
    if (Math.fround(findings.low(i) + findings.high(i)) >= limits[findings.column(i)]!) rows.add(findings.row(i));
  }
  return rows;
}

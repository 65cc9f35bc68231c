import { codeQuery } from "./codes.ts";
import type { Finding, ScanQuery } from "./scan.ts";

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
  /** Whether the lowest of combined is wanted too. */
  readonly lowest?: boolean | undefined;
  /** Paths of further images that are wanted whatever they score. */
  readonly also?: readonly string[] | undefined;
}

/** A query in columns: the branches, combined, and what is lowest in combined where that was asked. */
export interface AskedColumns {
  readonly scan: ScanQuery;
  /** Column that each of the kernel's has in the exact search. */
  readonly exact: readonly { readonly column: number; readonly sign: 1 | -1 }[];
  /** Whether there is a column in which every row scores 0. */
  readonly even: boolean;
}

export function columnsOf({ branches, k, shares, lowest }: CoarseQuery, count: number, filtered: boolean): AskedColumns {
  const coded = branches.map((branch) => codeQuery(branch, branches.length));
  const columns = branches.map((_, branch) => ({ terms: [{ branch, weight: 1 }], k, column: branch, sign: 1 as 1 | -1 }));
  // As the exact search has them.
  const combined = branches.map((_, branch) => ({ branch, weight: Math.fround(shares?.[branch] ?? 1 / branches.length) }));
  columns.push({ terms: combined, k, column: branches.length, sign: 1 });
  if (lowest === true) {
    const terms = combined.map(({ branch, weight }) => ({ branch, weight: -weight }));
    columns.push({ terms, k: 1, column: branches.length, sign: -1 });
  }
  const says = (column: (typeof columns)[number]) =>
    column.terms.some(({ branch, weight }) => weight !== 0 && coded[branch]!.slope > 0);
  const asked = columns.filter(says);
  return {
    scan: {
      branches: coded,
      columns: asked.map(({ terms, k }) => ({ terms: terms.filter(({ weight }) => weight !== 0), k })),
      count,
      filtered,
    },
    exact: asked.map(({ column, sign }) => ({ column, sign })),
    even: asked.length < columns.length,
  };
}

/**
 * Those findings that can still be among the best: in each column so many rows score at least as high as the limit.
 * @param findings of all threads
 */
export function possible(findings: readonly Finding[], { scan }: AskedColumns): Finding[] {
  const limits = scan.columns.map(({ k }, c) => {
    const lows = Float32Array.from(findings.filter(({ column }) => column === c), ({ low }) => low).sort();
    return lows.length < k ? Number.NEGATIVE_INFINITY : lows[lows.length - k]!;
  });
  return findings.filter(({ column, high }) => high >= limits[column]!);
}

/** Rows that are likely to be the best of each column. */
export function likely(findings: readonly Finding[], { scan }: AskedColumns): Set<number> {
  const rows = new Set<number>();
  for (const [c, { k }] of scan.columns.entries()) {
    const own = findings.filter(({ column }) => column === c);
    own.sort((a, b) => b.low + b.high - a.low - a.high);
    for (const { row } of own.slice(0, k)) rows.add(row);
  }
  return rows;
}

import type { BlockFound } from "./blockRanker.ts";
import { type ColumnFound, emptyColumn, isListed } from "./columnState.ts";
import { columnsOf } from "./columns.ts";
import { type ColumnRanking, HISTOGRAM_BINS, type QueryRanks, type RankingFrame, type TopLists } from "./task.ts";

/** What all queries found, put together from blocks that come in any order. */
export class FoundRanks {
  readonly #names: readonly string[];
  readonly #columns: readonly ColumnFound[];
  readonly #kept: Uint8Array;
  #copies = false;

  constructor({ names, queries }: RankingFrame) {
    this.#names = names;
    this.#columns = columnsOf(names).map((column) => emptyColumn(queries.length, isListed(column, names.length)));
    this.#kept = new Uint8Array(queries.length);
  }

  add({ start, columns, kept, copies }: BlockFound): void {
    this.#kept.set(kept, start);
    this.#copies ||= copies;
    for (const [c, { found, withoutCopies, lists }] of columns.entries()) {
      const all = this.#columns[c]!;
      place(found, all.found, start);
      place(withoutCopies, all.withoutCopies, start);
      if (lists !== null && all.lists !== null) placeLists(lists, all.lists, start);
    }
  }

  /** Positions of the queries that still have an image to find when copies are left out; null where no query has a copy. */
  get withoutCopies(): Int32Array | null {
    return this.#copies ? Int32Array.from(positionsOf(this.#kept)) : null;
  }

  columns(): ColumnRanking[] {
    const kept = this.withoutCopies;
    return columnsOf(this.#names).map((column, c) => {
      const { found, withoutCopies, lists } = this.#columns[c]!;
      if (lists !== null) for (const values of [lists.histogram.same, lists.histogram.other]) toShares(values);
      return { ...column, ...found, lists, withoutCopies: kept === null ? null : pick(withoutCopies, kept) };
    });
  }
}

function place(from: QueryRanks, to: QueryRanks, start: number): void {
  to.first.set(from.first, start);
  to.averagePrecision.set(from.averagePrecision, start);
  to.rPrecision.set(from.rPrecision, start);
}

function placeLists(from: TopLists, to: TopLists, start: number): void {
  for (const key of ["rows", "scores"] as const) to[key].set(from[key], start * to.k);
  for (const key of ["right", "rightScores", "wrong", "wrongScores"] as const) to[key].set(from[key], start);
  for (const key of ["same", "other"] as const) {
    for (let bin = 0; bin < HISTOGRAM_BINS; bin++) to.histogram[key][bin]! += from.histogram[key][bin]!;
  }
}

function pick(ranks: QueryRanks, positions: Int32Array): QueryRanks {
  return {
    first: positions.map((q) => ranks.first[q]!),
    averagePrecision: Float64Array.from(positions, (q) => ranks.averagePrecision[q]!),
    rPrecision: Float64Array.from(positions, (q) => ranks.rPrecision[q]!),
  };
}

function positionsOf(mask: Uint8Array): number[] {
  return [...mask.keys()].filter((i) => mask[i] === 1);
}

function toShares(values: Float64Array): void {
  const sum = values.reduce((total, value) => total + value, 0);
  if (sum > 0) for (const [i, value] of values.entries()) values[i] = value / sum;
}

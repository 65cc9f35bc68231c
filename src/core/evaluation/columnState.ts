import { LIST_LENGTH } from "./bestList.ts";
import { ColumnRanks } from "./columnRanks.ts";
import { sumAt } from "./scan.ts";
import { type Column, type ColumnRanking, HISTOGRAM_BINS, type QueryRanks, type TopLists } from "./task.ts";

/** What one column has found so far, and its ranks of the query under way. */
export class ColumnState {
  readonly ranks: ColumnRanks;
  readonly #column: Column;
  readonly #found: QueryRanks;
  readonly #withoutCopies: QueryRanks;
  readonly #lists: TopLists | null;

  constructor(column: Column, queries: number, largest: number, branches: number) {
    this.#column = column;
    // A pair's lists are looked at by nobody.
    const listed = column.branches.length === 1 || column.branches.length === branches;
    this.ranks = new ColumnRanks(largest, listed);
    this.#found = emptyRanks(queries);
    this.#withoutCopies = emptyRanks(queries);
    this.#lists = listed ? emptyLists(queries) : null;
  }

  begin(scores: readonly Float32Array[], relevant: Int32Array): void {
    this.ranks.begin(relevant, scores, this.#column.branches);
  }

  finish(query: number, gallery: Int32Array): void {
    note(this.ranks, this.#found, query);
    if (this.#lists !== null) this.#list(this.#lists, query, gallery);
  }

  finishWithoutCopies(query: number): void {
    note(this.ranks, this.#withoutCopies, query);
  }

  #list(lists: TopLists, query: number, gallery: Int32Array): void {
    const parts = this.#column.branches.length;
    const rowAt = (position: number) => (position < 0 ? -1 : gallery[position]!);
    let [r, w] = [0, 0];
    for (let i = query * LIST_LENGTH; i < (query + 1) * LIST_LENGTH; i++) {
      const [right, rightScore] = this.ranks.right(r);
      const [wrong, wrongScore] = this.ranks.wrong(w);
      const isRight = rightScore > wrongScore || (rightScore === wrongScore && right >= 0 && right < wrong);
      if (isRight) r++;
      else w++;
      lists.rows[i] = rowAt(isRight ? right : wrong);
      lists.scores[i] = (isRight ? rightScore : wrongScore) / parts;
    }
    const [right, rightScore] = this.ranks.right(0);
    const [wrong, wrongScore] = this.ranks.wrong(0);
    lists.right[query] = rowAt(right);
    lists.rightScores[query] = rightScore / parts;
    lists.wrong[query] = rowAt(wrong);
    lists.wrongScores[query] = wrongScore / parts;
  }

  /** Adds the scores of a query to the histograms. */
  count(scores: readonly Float32Array[], relevant: Int32Array): void {
    if (this.#lists === null) return;
    const { same, other } = this.#lists.histogram;
    const { branches } = this.#column;
    const binAt = (position: number) => {
      const cosine = sumAt(scores, branches, position) / branches.length;
      return Math.max(0, Math.min(HISTOGRAM_BINS - 1, Math.floor(((cosine + 1) / 2) * HISTOGRAM_BINS)));
    };
    const count = scores[0]!.length;
    // The query itself is masked, and no pair.
    for (let i = 0; i < count; i++) if (scores[0]![i] !== Number.NEGATIVE_INFINITY) other[binAt(i)]!++;
    for (const position of relevant) {
      other[binAt(position)]!--;
      same[binAt(position)]!++;
    }
  }

  /** @param kept queries without copies; null where there are no copies */
  ranking(kept: number | null): ColumnRanking {
    const lists = this.#lists;
    if (lists !== null) for (const values of [lists.histogram.same, lists.histogram.other]) toShares(values);
    const { first, averagePrecision, rPrecision } = this.#withoutCopies;
    return {
      ...this.#column,
      ...this.#found,
      lists,
      withoutCopies:
        kept === null
          ? null
          : {
              first: first.subarray(0, kept),
              averagePrecision: averagePrecision.subarray(0, kept),
              rPrecision: rPrecision.subarray(0, kept),
            },
    };
  }
}

function note(ranks: ColumnRanks, to: QueryRanks, query: number): void {
  const { average, atR } = ranks.precisions();
  to.first[query] = ranks.first;
  to.averagePrecision[query] = average;
  to.rPrecision[query] = atR;
}

function emptyRanks(queries: number): QueryRanks {
  return {
    first: new Int32Array(queries),
    averagePrecision: new Float64Array(queries),
    rPrecision: new Float64Array(queries),
  };
}

function emptyLists(queries: number): TopLists {
  return {
    k: LIST_LENGTH,
    rows: new Int32Array(queries * LIST_LENGTH),
    scores: new Float32Array(queries * LIST_LENGTH),
    right: new Int32Array(queries),
    rightScores: new Float32Array(queries),
    wrong: new Int32Array(queries),
    wrongScores: new Float32Array(queries),
    histogram: { same: new Float64Array(HISTOGRAM_BINS), other: new Float64Array(HISTOGRAM_BINS) },
  };
}

function toShares(values: Float64Array): void {
  const sum = values.reduce((total, value) => total + value, 0);
  if (sum > 0) for (const [i, value] of values.entries()) values[i] = value / sum;
}

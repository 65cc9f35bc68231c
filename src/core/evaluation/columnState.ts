import { LIST_LENGTH } from "./bestList.ts";
import { ColumnRanks } from "./columnRanks.ts";
import { sumAt } from "./scan.ts";
import { type Column, HISTOGRAM_BINS, type QueryRanks, type TopLists } from "./task.ts";

/** What one column has found for some queries. */
export interface ColumnFound {
  readonly found: QueryRanks;
  /** Of a query that has nothing to find besides copies, zeros. */
  readonly withoutCopies: QueryRanks;
  /** Its histograms are counts. */
  readonly lists: TopLists | null;
}

/** What one column finds for the queries of a block, and its ranks of the query under way. */
export class ColumnState {
  readonly ranks: ColumnRanks;
  readonly #column: Column;
  readonly #listed: boolean;
  #block: ColumnFound;

  constructor(column: Column, largest: number, branches: number) {
    this.#column = column;
    this.#listed = isListed(column, branches);
    this.ranks = new ColumnRanks(largest, this.#listed);
    this.#block = emptyColumn(0, this.#listed);
  }

  /** Begins a block. */
  start(queries: number): void {
    this.#block = emptyColumn(queries, this.#listed);
  }

  /** What the block has found: the receiver's own. */
  get found(): ColumnFound {
    return this.#block;
  }

  /** @param right scores of the right images by branch */
  begin(relevant: Int32Array, right: readonly Float32Array[]): void {
    this.ranks.begin(relevant, right, this.#column.branches);
  }

  finish(query: number, gallery: Int32Array): void {
    note(this.ranks, this.#block.found, query);
    if (this.#block.lists !== null) this.#list(this.#block.lists, query, gallery);
  }

  finishWithoutCopies(query: number): void {
    note(this.ranks, this.#block.withoutCopies, query);
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
    if (this.#block.lists === null) return;
    const { same, other } = this.#block.lists.histogram;
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
}

/** A pair's lists are looked at by nobody. @param branches of the model */
export function isListed({ branches: { length } }: Column, branches: number): boolean {
  return length === 1 || length === branches;
}

/** Room for what a column finds for so many queries. */
export function emptyColumn(queries: number, listed: boolean): ColumnFound {
  return {
    found: emptyRanks(queries),
    withoutCopies: emptyRanks(queries),
    lists: listed ? emptyLists(queries) : null,
  };
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

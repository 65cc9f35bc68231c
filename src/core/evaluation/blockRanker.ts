import { type ColumnFound, ColumnState } from "./columnState.ts";
import { columnsOf } from "./columns.ts";
import { Members } from "./members.ts";
import { type Scan, scanOf } from "./scan.ts";
import type { RankingFrame } from "./task.ts";

/** Pairs whose scores go into the histograms, of queries spread over all. */
const HISTOGRAM_PAIRS = 2 ** 19;

/** Scores of some queries with the whole gallery. */
export interface ScoreBlock {
  /** Position of the first query in the frame's `queries`. */
  readonly start: number;
  readonly count: number;
  /** Per branch float32 `[count, gallery]`, cosines. They are written to. */
  readonly scores: readonly Float32Array[];
}

/** What the queries of a block found. */
export interface BlockFound {
  readonly start: number;
  /** In the order of `columnsOf`. */
  readonly columns: readonly ColumnFound[];
  /** Per query: 1 where something is left to find without its copies. */
  readonly kept: Uint8Array;
  /** Whether any query of the block has a copy. */
  readonly copies: boolean;
}

/** Ranks the gallery for the queries of a block by their scores, in every subset of the branches. */
export class BlockRanker {
  readonly #frame: RankingFrame;
  readonly #members: Members;
  readonly #states: readonly ColumnState[];
  readonly #scan: Scan;
  /** Every so many queries, one goes into the histograms. */
  readonly #step: number;

  constructor(frame: RankingFrame, members = new Members(frame)) {
    const { names, queries, gallery } = frame;
    const columns = columnsOf(names);
    this.#frame = frame;
    this.#members = members;
    this.#states = columns.map((column) => new ColumnState(column, members.largest, names.length));
    this.#scan = scanOf(columns, names.length);
    this.#step = Math.max(1, Math.floor((queries.length * gallery.length) / HISTOGRAM_PAIRS));
  }

  rank({ start, count, scores: all }: ScoreBlock): BlockFound {
    const { queries, gallery } = this.#frame;
    const states = this.#states;
    const ranks = states.map((state) => state.ranks);
    const found = gallery.length;
    const kept = new Uint8Array(count);
    let anyCopies = false;
    for (const state of states) state.start(count);
    for (let i = 0; i < count; i++) {
      const row = queries[start + i]!;
      const scores = all.map((values) => values.subarray(i * found, (i + 1) * found));
      const relevant = this.#members.relevant(row);
      const own = this.#members.own(row);
      if (own >= 0) mask(scores, [own]);
      if ((start + i) % this.#step === 0) for (const state of states) state.count(scores, relevant);
      const right = scores.map((values) => pick(values, relevant));
      for (const state of states) state.begin(relevant, right);
      // Right images are in the columns now; the scan is to see the wrong ones only.
      mask(scores, relevant);
      this.#scan(scores, ranks);
      for (const state of states) state.finish(i, gallery);

      const copies = this.#members.copies(row);
      anyCopies ||= copies.length > 0;
      const others = copies.length === 0 ? relevant : relevant.filter((position) => !copies.includes(position));
      if (others.length === 0) continue;
      if (copies.length > 0) {
        restore(scores, relevant, right);
        mask(scores, copies);
        const otherScores = scores.map((values) => pick(values, others));
        for (const state of states) state.begin(others, otherScores);
        mask(scores, others);
        this.#scan(scores, ranks);
      }
      for (const state of states) state.finishWithoutCopies(i);
      kept[i] = 1;
    }
    return { start, columns: states.map((state) => state.found), kept, copies: anyCopies };
  }
}

function mask(scores: readonly Float32Array[], positions: ArrayLike<number>): void {
  for (const values of scores) {
    for (let i = 0; i < positions.length; i++) values[positions[i]!] = Number.NEGATIVE_INFINITY;
  }
}

function pick(values: Float32Array, positions: Int32Array): Float32Array {
  const picked = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i++) picked[i] = values[positions[i]!]!;
  return picked;
}

function restore(scores: readonly Float32Array[], positions: Int32Array, kept: readonly Float32Array[]): void {
  for (const [b, values] of scores.entries()) {
    for (let i = 0; i < positions.length; i++) values[positions[i]!] = kept[b]![i]!;
  }
}

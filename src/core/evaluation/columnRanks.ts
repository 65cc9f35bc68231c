import { BestList } from "./bestList.ts";

/**
 * The ranks of one query's right images in one column, found in one pass over the wrong ones and without sorting them: each
 * wrong image is counted before the right ones that it beats. As soon as a right image is behind rank R it can no longer
 * change a figure, and wrong images below it are turned away by one comparison with `low`.
 * Of equal scores the lower position, which is the path that comes first, has the better rank.
 */
export class ColumnRanks {
  /** Scores below this need not be taken. */
  low = 0;
  /** Scores of the right images, the best first. */
  readonly #scores: Float64Array;
  /** The same in the order of their positions, as they were given. */
  readonly #given: Float64Array;
  #positions: Int32Array = new Int32Array();
  /** Wrong images between a right one and the one before it. */
  readonly #before: Int32Array;
  #relevant = 0;
  #alive = 0;
  /** Wrong images before the last right one that is alive. */
  #wrong = 0;
  /** Whether the best images are kept. */
  readonly #listed: boolean;
  readonly #bestRight = new BestList();
  readonly #bestWrong = new BestList();

  /** @param largest number of right images of any query */
  constructor(largest: number, listed: boolean) {
    this.#scores = new Float64Array(largest);
    this.#given = new Float64Array(largest);
    this.#before = new Int32Array(largest);
    this.#listed = listed;
  }

  /**
   * @param relevant positions of the right images, ascending; one at least
   * @param right their scores by branch
   * @param branches of the column
   */
  begin(relevant: Int32Array, right: readonly Float32Array[], branches: readonly number[]): void {
    const count = relevant.length;
    const given = this.#given;
    given.fill(0, 0, count);
    for (const b of branches) {
      const scores = right[b]!;
      for (let i = 0; i < count; i++) given[i]! += scores[i]!;
    }
    const scores = this.#scores.subarray(0, count);
    scores.set(given.subarray(0, count));
    // Without a function to compare by, which is many times as fast for a large class.
    scores.sort().reverse();
    this.#positions = relevant;
    this.#before.fill(0, 0, count);
    this.#relevant = count;
    this.#alive = count;
    this.#wrong = 0;
    if (this.#listed) {
      this.#bestRight.clear();
      this.#bestWrong.clear();
      for (let i = 0; i < count; i++) this.#bestRight.take(relevant[i]!, given[i]!);
    }
    this.#lower();
  }

  /** Takes a wrong image whose score is not below `low`. @returns the new `low` */
  take(position: number, score: number): number {
    const last = this.#alive - 1;
    const from = this.#placeOf(position, score, last);
    if (from <= last) {
      this.#before[from]!++;
      this.#wrong++;
      while (this.#alive > 1 && this.#alive + this.#wrong > this.#relevant) {
        this.#alive--;
        this.#wrong -= this.#before[this.#alive]!;
      }
    }
    if (this.#listed) this.#bestWrong.take(position, score);
    this.#lower();
    return this.low;
  }

  /** Of the right images that are alive, the first that a wrong one is ahead of; beyond the last where there is none. */
  #placeOf(position: number, score: number, last: number): number {
    const scores = this.#scores;
    if (score < scores[last]!) return last + 1;
    let from = 0;
    let to = last;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (scores[middle]! <= score) to = middle;
      else from = middle + 1;
    }
    // Of equal scores the lower position is ahead.
    if (scores[from] === score) {
      for (let i = 0; i < this.#relevant; i++) if (this.#given[i] === score && this.#positions[i]! < position) from++;
    }
    return from;
  }

  #lower(): void {
    const metric = this.#scores[this.#alive - 1]!;
    if (!this.#listed) this.low = metric;
    else this.low = Math.min(metric, this.#bestWrong.low);
  }

  /** Rank of the first right image. */
  get first(): number {
    return 1 + this.#before[0]!;
  }

  /** AP@R and R-precision; `metrics.ts` has the formulas. */
  precisions(): { readonly average: number; readonly atR: number } {
    let wrong = 0;
    let sum = 0;
    let hits = 0;
    for (let i = 0; i < this.#alive; i++) {
      wrong += this.#before[i]!;
      const rank = i + 1 + wrong;
      if (rank > this.#relevant) break;
      hits++;
      sum += (i + 1) / rank;
    }
    return { average: sum / this.#relevant, atR: hits / this.#relevant };
  }

  /** The best right images: position and score of number `i`; position -1 where there is none. */
  right(i: number): readonly [position: number, score: number] {
    return this.#bestRight.at(i);
  }

  wrong(i: number): readonly [position: number, score: number] {
    return this.#bestWrong.at(i);
  }
}

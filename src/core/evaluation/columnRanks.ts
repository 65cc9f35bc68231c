/** Wrong images that are kept of a query, and length of the lists that are compared. */
export const LIST_LENGTH = 10;

/**
 * The ranks of one query's right images in one column, found in one pass over the wrong ones and without sorting them: each
 * wrong image is counted before the right ones that it beats. As soon as a right image is behind rank R it can no longer
 * change a figure, and wrong images below it are turned away by one comparison with `low`.
 * Of equal scores the lower position, which is the path that comes first, has the better rank.
 */
export class ColumnRanks {
  /** Scores below this need not be taken. */
  low = 0;
  /** Right images, the best first: scores and positions in the gallery. */
  readonly #scores: Float64Array;
  readonly #positions: Int32Array;
  /** Wrong images between a right one and the one before it. */
  readonly #before: Int32Array;
  #relevant = 0;
  #alive = 0;
  /** Wrong images before the last right one that is alive. */
  #wrong = 0;
  /** Whether the best wrong images are kept. */
  readonly #listed: boolean;
  #listLength = 0;
  readonly #listScores = new Float64Array(LIST_LENGTH);
  readonly #listPositions = new Int32Array(LIST_LENGTH);

  /** @param largest number of right images of any query */
  constructor(largest: number, listed: boolean) {
    this.#scores = new Float64Array(largest);
    this.#positions = new Int32Array(largest);
    this.#before = new Int32Array(largest);
    this.#listed = listed;
  }

  /** @param relevant positions of the right images, ascending; one at least */
  begin(relevant: Int32Array, scoreAt: (position: number) => number): void {
    const count = relevant.length;
    const scores = Float64Array.from(relevant, scoreAt);
    const order = Uint32Array.from(relevant.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
    for (let i = 0; i < count; i++) {
      this.#scores[i] = scores[order[i]!]!;
      this.#positions[i] = relevant[order[i]!]!;
    }
    this.#before.fill(0, 0, count);
    this.#relevant = count;
    this.#alive = count;
    this.#wrong = 0;
    this.#listLength = 0;
    this.#lower();
  }

  /** Takes a wrong image whose score is not below `low`. @returns the new `low` */
  take(position: number, score: number): number {
    const last = this.#alive - 1;
    if (this.#isAhead(score, position, last)) {
      // The first right image that it is ahead of.
      let from = 0;
      let to = last;
      while (from < to) {
        const middle = (from + to) >> 1;
        if (this.#isAhead(score, position, middle)) to = middle;
        else from = middle + 1;
      }
      this.#before[from]!++;
      this.#wrong++;
      while (this.#alive > 1 && this.#alive + this.#wrong > this.#relevant) {
        this.#alive--;
        this.#wrong -= this.#before[this.#alive]!;
      }
    }
    if (this.#listed) this.#list(position, score);
    this.#lower();
    return this.low;
  }

  #isAhead(score: number, position: number, right: number): boolean {
    const other = this.#scores[right]!;
    return score > other || (score === other && position < this.#positions[right]!);
  }

  /** Positions come in ascending order, so an equal score is behind. */
  #list(position: number, score: number): void {
    const full = this.#listLength === LIST_LENGTH;
    if (full && !(score > this.#listScores[LIST_LENGTH - 1]!)) return;
    let i = full ? LIST_LENGTH - 1 : this.#listLength++;
    for (; i > 0 && this.#listScores[i - 1]! < score; i--) {
      this.#listScores[i] = this.#listScores[i - 1]!;
      this.#listPositions[i] = this.#listPositions[i - 1]!;
    }
    this.#listScores[i] = score;
    this.#listPositions[i] = position;
  }

  #lower(): void {
    const metric = this.#scores[this.#alive - 1]!;
    if (!this.#listed) this.low = metric;
    // Masked scores are -Infinity, and stay below.
    else if (this.#listLength < LIST_LENGTH) this.low = -Number.MAX_VALUE;
    else this.low = Math.min(metric, this.#listScores[LIST_LENGTH - 1]!);
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

  /** Right images, then wrong ones, each the best first: the position and score of number `i`; position -1 where there is none. */
  right(i: number): readonly [position: number, score: number] {
    return i < this.#relevant ? [this.#positions[i]!, this.#scores[i]!] : [-1, Number.NEGATIVE_INFINITY];
  }

  wrong(i: number): readonly [position: number, score: number] {
    return i < this.#listLength ? [this.#listPositions[i]!, this.#listScores[i]!] : [-1, Number.NEGATIVE_INFINITY];
  }
}

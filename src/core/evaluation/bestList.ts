/** Images that are kept of a query, and length of the lists that are compared. */
export const LIST_LENGTH = 10;

/** The best of many scores. Positions come in ascending order, so that of equal scores the lower position stays ahead. */
export class BestList {
  #length = 0;
  readonly #scores = new Float64Array(LIST_LENGTH);
  readonly #positions = new Int32Array(LIST_LENGTH);

  clear(): void {
    this.#length = 0;
  }

  /** Scores below are not taken. Masked ones are -Infinity, and always below. */
  get low(): number {
    return this.#length < LIST_LENGTH ? -Number.MAX_VALUE : this.#scores[LIST_LENGTH - 1]!;
  }

  take(position: number, score: number): void {
    const full = this.#length === LIST_LENGTH;
    if (full && !(score > this.#scores[LIST_LENGTH - 1]!)) return;
    let i = full ? LIST_LENGTH - 1 : this.#length++;
    for (; i > 0 && this.#scores[i - 1]! < score; i--) {
      this.#scores[i] = this.#scores[i - 1]!;
      this.#positions[i] = this.#positions[i - 1]!;
    }
    this.#scores[i] = score;
    this.#positions[i] = position;
  }

  /** Position -1 where there is none. */
  at(i: number): readonly [position: number, score: number] {
    return i < this.#length ? [this.#positions[i]!, this.#scores[i]!] : [-1, Number.NEGATIVE_INFINITY];
  }
}

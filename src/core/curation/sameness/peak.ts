/** Side of the blocks by which places are told from each other, in the pixels that are compared: about what a letter takes. */
const BLOCK = 24;

/** The greatest value of a map of places. */
export interface Peak {
  readonly most: number;
  /** The greatest away from there: neither in that block nor in one beside it. The same where there is no such place. */
  readonly elsewhere: number;
}

/** Gathers the values of a map, block by block. */
export class Peaks {
  readonly #across: number;
  readonly #most: Float64Array;

  constructor(width: number, height: number) {
    this.#across = Math.ceil(width / BLOCK);
    this.#most = new Float64Array(this.#across * Math.ceil(height / BLOCK));
  }

  add(x: number, y: number, value: number): void {
    const block = Math.floor(y / BLOCK) * this.#across + Math.floor(x / BLOCK);
    if (value > this.#most[block]!) this.#most[block] = value;
  }

  /** @param floor below which values count as that much */
  peak(floor = 0): Peak {
    const most = Math.max(...this.#most);
    const at = this.#most.indexOf(most);
    const [x, y] = [at % this.#across, Math.floor(at / this.#across)];
    let elsewhere: number | undefined;
    for (const [block, value] of this.#most.entries()) {
      const near = Math.abs((block % this.#across) - x) <= 1 && Math.abs(Math.floor(block / this.#across) - y) <= 1;
      if (!near) elsewhere = Math.max(elsewhere ?? 0, value);
    }
    return { most, elsewhere: Math.max(floor, elsewhere ?? most) };
  }
}

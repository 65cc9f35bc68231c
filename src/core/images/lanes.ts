/** Work of two kinds that shares a number of places: what somebody waits for, and what is done for all files of a folder. */
export class Lanes {
  #free: number;
  readonly #kept: number;
  readonly #asked: (() => void)[] = [];
  readonly #others: (() => void)[] = [];

  /**
   * @param places that are there
   * @param kept so many of them are for what is asked for
   */
  constructor(places: number, kept: number) {
    this.#free = places;
    this.#kept = kept;
  }

  /** @param asked somebody waits for it: it goes before what is not asked for, and may take the last place */
  async run<T>(asked: boolean, work: () => Promise<T>): Promise<T> {
    const waiting = asked ? this.#asked : this.#others;
    if (waiting.length > 0 || this.#free <= (asked ? 0 : this.#kept)) {
      await new Promise<void>((enter) => waiting.push(enter));
    } else this.#free--;
    try {
      return await work();
    } finally {
      this.#free++;
      this.#letIn();
    }
  }

  #letIn(): void {
    while (this.#free > 0) {
      const next = this.#asked.shift() ?? (this.#free > this.#kept ? this.#others.shift() : undefined);
      if (next === undefined) return;
      this.#free--;
      next();
    }
  }
}

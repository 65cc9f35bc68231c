/** Estimates speed and remaining time of a run of equal steps. Times in milliseconds, of any one clock. */
export class Rate {
  readonly #start: number;
  /** Recent `[time, done]`, oldest first. */
  readonly #recent: [number, number][] = [];

  constructor(now: number) {
    this.#start = now;
    this.#recent.push([now, 0]);
  }

  /** Notes that `done` steps are done in all. */
  note(done: number, now: number): void {
    this.#recent.push([now, done]);
    // Ten seconds: the first batches, slow while everything warms up, must not spoil the estimate for minutes.
    while (this.#recent.length > 2 && now - this.#recent[1]![0] > 10_000) this.#recent.shift();
  }

  /** Steps per second lately; 0 where nothing was done yet. */
  perSecond(): number {
    const [firstTime, firstDone] = this.#recent[0]!;
    const [lastTime, lastDone] = this.#recent.at(-1)!;
    return lastTime > firstTime ? ((lastDone - firstDone) / (lastTime - firstTime)) * 1000 : 0;
  }

  /** Seconds until `total`; null until there is a speed. */
  secondsLeft(total: number): number | null {
    const speed = this.perSecond();
    return speed > 0 ? (total - this.#recent.at(-1)![1]) / speed : null;
  }

  /** Seconds since the start. */
  seconds(now: number): number {
    return (now - this.#start) / 1000;
  }
}

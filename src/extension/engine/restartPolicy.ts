/** At most this many deaths in a row. */
const MAX_DEATHS = 3;
/** A process that lived so long has not failed at its start: the count begins anew. Milliseconds. */
const GOOD_LIFE = 60_000;

/** Whether and how soon a process that died is started again. */
export class RestartPolicy {
  readonly #now: () => number;
  #deaths = 0;
  #startedAt = 0;

  /** @param now milliseconds of any clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  started(): void {
    this.#startedAt = this.#now();
  }

  died(): void {
    if (this.#now() - this.#startedAt >= GOOD_LIFE) this.#deaths = 0;
    this.#deaths++;
  }

  mayStart(): boolean {
    return this.#deaths < MAX_DEATHS;
  }

  /** Milliseconds to wait before the next start. */
  delay(): number {
    return this.#deaths === 0 ? 0 : 250 * 2 ** (this.#deaths - 1);
  }

  forgive(): void {
    this.#deaths = 0;
  }
}

/** Work that several may wait for. Whoever stops waiting is told so at once; once nobody waits any more, it is stopped. */
export class SharedWork<T> {
  readonly #abort = new AbortController();
  readonly #done: Promise<T>;
  #waiting = 0;
  #ended = false;

  constructor(start: (signal: AbortSignal) => Promise<T>) {
    this.#done = start(this.#abort.signal);
    const end = () => {
      this.#ended = true;
    };
    this.#done.then(end, end);
  }

  /** It failed or was stopped, so that a new one is needed; nothing is known while it runs. */
  get stopped(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Calls back where it fails, or is stopped. */
  onFailure(forget: () => void): void {
    this.#done.catch(forget);
  }

  /** @throws what the work throws; the signal's reason */
  async wait(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    this.#waiting++;
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal?.reason);
    });
    signal?.addEventListener("abort", leave);
    try {
      return await Promise.race([this.#done, left]);
    } finally {
      signal?.removeEventListener("abort", leave);
      this.#waiting--;
      if (this.#waiting === 0 && !this.#ended) this.#abort.abort(signal?.reason);
    }
  }
}

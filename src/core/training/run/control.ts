/** What whoever controls a run wants: to go on, to wait, or to end and keep the best so far. */
export type ControlWord = "run" | "pause" | "stop";

/** Thrown where a run is stopped before there is anything to keep. */
export class StoppedEarly extends Error {
  override readonly name = "StoppedEarly";
}

/** The wish of whoever controls a run; the run asks for it between two steps. */
export class TrainingControl {
  #word: ControlWord = "run";
  #waiting: (() => void)[] = [];
  readonly #followers = new Set<(word: ControlWord) => void>();

  get word(): ControlWord {
    return this.#word;
  }

  set(word: ControlWord): void {
    this.#word = word;
    for (const wake of this.#waiting.splice(0)) wake();
    for (const follower of this.#followers) follower(word);
  }

  /** Calls with the word as it is, and with each that follows. @returns ends it */
  follow(follower: (word: ControlWord) => void): () => void {
    this.#followers.add(follower);
    follower(this.#word);
    return () => this.#followers.delete(follower);
  }

  /** Resolves once the word is another than `pause`; rejects with the signal's reason where that aborts. */
  async whilePaused(signal?: AbortSignal): Promise<void> {
    while (this.#word === "pause") {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    signal?.throwIfAborted();
  }
}

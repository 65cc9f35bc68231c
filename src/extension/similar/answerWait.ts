import type { SimilarState } from "../../shared/index.ts";

/** Most searches are answered by then. Milliseconds. */
const BLINK = 150;

/**
 * Keeps back that a search has begun. Most answers come within a blink, and a page that is busy drawing that it waits draws
 * them later.
 */
export class AnswerWait {
  readonly #over: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** The search has taken longer than a blink. */
  #long = false;
  #known: Pick<SimilarState, "result" | "comparison"> = { result: null, comparison: null };

  /** @param over called when the wait is over without an answer */
  constructor(over: () => void) {
    this.#over = over;
  }

  /** Whether a state says nothing new but that a search has begun, which is not worth telling yet. */
  holds(state: SimilarState): boolean {
    const { searching, result, comparison, progress, notice } = state;
    const answered =
      (result !== null && result !== this.#known.result) ||
      (comparison !== null && comparison !== this.#known.comparison);
    if (searching && !answered && progress === null && notice === null && !this.#long) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#long = true;
        this.#over();
      }, BLINK);
      return true;
    }
    this.stop();
    this.#long &&= searching;
    this.#known = { result, comparison };
    return false;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

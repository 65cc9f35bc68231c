import type { ShownChange, SimilarState } from "../../src/shared/index.ts";
import { mark } from "../painted.ts";

/** Puts states together: a result is large, and comes once under its number. */
export class Answers {
  /** Number of the result that the page has. */
  #have: number | undefined;

  /** @param before what is shown; undefined where the change cannot be shown: it is of a result that the page never had */
  take({ state, answer }: ShownChange, before: SimilarState | undefined): SimilarState | undefined {
    const own = answer === this.#have ? before?.result : undefined;
    // A page that has just been loaded has no result yet: it comes with the answer to its first message.
    if (own === undefined && !("result" in state)) return undefined;
    this.#have = answer;
    if (own !== undefined || !("result" in state)) return { ...state, result: own ?? null };
    if (state.result !== null) mark("state", state.result.query);
    return state;
  }
}

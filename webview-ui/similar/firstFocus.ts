import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { SimilarResult } from "../../src/shared/index.ts";
import type { Lists } from "./lists.ts";

/** Gives the focus of a page that has it, but nothing in it does, to the best result of combined: keys work at once. Once per query. */
export class FirstFocus implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #result: () => SimilarResult | null;
  #done: string | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, result: () => SimilarResult | null) {
    this.#host = host;
    this.#result = result;
    host.addController(this);
  }

  hostConnected(): void {
    window.addEventListener("focus", this.#give);
  }

  hostDisconnected(): void {
    window.removeEventListener("focus", this.#give);
  }

  hostUpdated(): void {
    this.#give();
  }

  readonly #give = () => {
    const query = this.#result()?.query;
    const lists = this.#host.querySelector<Lists>("lookalike-lists");
    if (query === undefined || query === this.#done || lists === null || !document.hasFocus()) return;
    // Whoever typed into a field or pressed a button stays there.
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    this.#done = query;
    void lists.updateComplete.then(() => lists.focusCurrent());
  };
}

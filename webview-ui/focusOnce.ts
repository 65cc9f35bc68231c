import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Gives the focus of a page that has it, but nothing in it does, to what one would use first: keys work at once. Once per turn. */
export class FocusOnce implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #first: string;
  readonly #turn: () => string | undefined;
  #done: string | undefined;

  /**
   * @param first selector of what gets the focus, as soon as it is there
   * @param turn the focus is given again where it says something else, and not while it says nothing; by default there is one turn
   */
  constructor(
    host: ReactiveControllerHost & HTMLElement,
    first: string,
    turn: () => string | undefined = () => "the page's",
  ) {
    this.#host = host;
    this.#first = first;
    this.#turn = turn;
    host.addController(this);
  }

  hostConnected(): void {
    window.addEventListener("focus", this.#give);
  }

  hostDisconnected(): void {
    window.removeEventListener("focus", this.#give);
  }

  hostUpdated(): void {
    // What the page is made of may draw itself after it.
    requestAnimationFrame(this.#give);
  }

  readonly #give = () => {
    const turn = this.#turn();
    if (turn === undefined || turn === this.#done || !document.hasFocus()) return;
    // Whoever typed into a field or pressed a button stays there.
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const first = this.#host.querySelector<HTMLElement>(this.#first);
    if (first === null) return;
    this.#done = turn;
    first.focus();
  };
}

import type { ReactiveController, ReactiveControllerHost } from "lit";

interface Options {
  /** The focus is given again where it says something else, and not while it says nothing; by default there is one turn. */
  readonly turn?: () => string | undefined;
  /** Selector of what gets the focus while the first thing is not there: what the page offers to do about that. */
  readonly instead?: string;
}

/**
 * Gives the focus of a page that has it, but nothing in it does, to what one would use first: keys work at once. Once per turn, and
 * again where a button that had it is gone, as those of a message are once they were pressed.
 */
export class FocusOnce implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #first: string;
  readonly #turn: () => string | undefined;
  readonly #instead: string;
  #done: string | undefined;
  /** Got the focus instead. */
  #stoodIn: HTMLElement | undefined;
  /** Had the focus last; cells come and go as their list is scrolled, and do not count. */
  #had: Element | undefined;

  /** @param first selector of what gets the focus, as soon as it is there */
  constructor(
    host: ReactiveControllerHost & HTMLElement,
    first: string,
    { turn = () => "the page's", instead = ".notice button" }: Options = {},
  ) {
    this.#host = host;
    this.#first = first;
    this.#turn = turn;
    this.#instead = instead;
    host.addController(this);
  }

  hostConnected(): void {
    window.addEventListener("focus", this.#give);
    document.addEventListener("focusin", this.#note);
  }

  hostDisconnected(): void {
    window.removeEventListener("focus", this.#give);
    document.removeEventListener("focusin", this.#note);
  }

  hostUpdated(): void {
    // What the page is made of may draw itself after it.
    requestAnimationFrame(this.#give);
  }

  readonly #note = ({ target }: Event) => {
    this.#had = target instanceof Element && target.closest("[role=gridcell]") === null ? target : undefined;
  };

  readonly #give = () => {
    if (!document.hasFocus()) return;
    // Whoever typed into a field or pressed a button stays there.
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const gone = this.#had !== undefined && (!this.#had.isConnected || this.#had.matches(":disabled"));
    const turn = this.#turn();
    const first = this.#host.querySelector<HTMLElement>(this.#first);
    if (first !== null) {
      if (turn === undefined || (turn === this.#done && !gone)) return;
      this.#done = turn;
      first.focus();
      return;
    }
    const instead = this.#host.querySelector<HTMLElement>(this.#instead);
    if (instead === null || (instead === this.#stoodIn && !gone)) return;
    this.#stoodIn = instead;
    instead.focus();
  };
}

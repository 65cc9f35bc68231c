import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Gives the focus of a page that has it, but nothing in it does, to what one would use first: keys work at once. Once. */
export class FocusOnce implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #first: string;
  #done = false;

  /** @param first selector of what gets the focus, as soon as it is there */
  constructor(host: ReactiveControllerHost & HTMLElement, first: string) {
    this.#host = host;
    this.#first = first;
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
    if (this.#done || !document.hasFocus()) return;
    // Whoever typed into a field or pressed a button stays there.
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const first = this.#host.querySelector<HTMLElement>(this.#first);
    if (first === null) return;
    this.#done = true;
    first.focus();
  };
}

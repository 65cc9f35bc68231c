import type { ReactiveController, ReactiveControllerHost } from "lit";

const QUERY = matchMedia("(max-width: 599px)");

/** Whether there is little room: weights and filters stand behind one row then. */
export class Narrow implements ReactiveController {
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get matches(): boolean {
    return QUERY.matches;
  }

  hostConnected(): void {
    QUERY.addEventListener("change", this.#changed);
  }

  hostDisconnected(): void {
    QUERY.removeEventListener("change", this.#changed);
  }

  readonly #changed = () => this.#host.requestUpdate();
}

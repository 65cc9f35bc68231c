import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Half a window; and a window that is low, as each is at 200 %. */
const QUERY = matchMedia("(max-width: 599px), (max-height: 619px)");

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

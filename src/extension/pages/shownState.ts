interface AnyNotice {
  readonly kind: "error" | "info";
  readonly text: string;
  readonly actions: readonly string[];
}

type NoticeOf<State> = State extends { readonly notice: (infer N extends AnyNotice) | null } ? N : never;

/** What a session tells its host. */
export interface StateHost<State> {
  changed(state: State): void;
  isCancellation(error: unknown): boolean;
  /** For the user. */
  failureText(error: unknown): string;
  /** Whether it can be mended by a database's password, so that the page offers to enter it; absent: it never can. */
  wantsPassword?(error: unknown): boolean;
}

/** The state that a session shows: the host hears of each change of it, until the session ends. */
export class ShownState<State extends { readonly notice: AnyNotice | null }> {
  readonly #host: StateHost<State>;
  #now: State;
  #ended = false;

  constructor(host: StateHost<State>, first: State) {
    this.#host = host;
    this.#now = first;
  }

  get now(): State {
    return this.#now;
  }

  /** Nothing is told any more. */
  get ended(): boolean {
    return this.#ended;
  }

  set(change: Partial<State>): void {
    this.become({ ...this.#now, ...change });
  }

  /** @param state in the place of all that was */
  become(state: State): void {
    if (this.#ended) return;
    this.#now = state;
    this.#host.changed(state);
  }

  say(kind: AnyNotice["kind"], text: string, actions: NoticeOf<State>["actions"]): void {
    this.set({ notice: { kind, text, actions } } as unknown as Partial<State>);
  }

  /** What went wrong becomes a notice; what was cancelled was wanted. */
  fail(error: unknown, actions: NoticeOf<State>["actions"]): void {
    if (this.#host.isCancellation(error)) return;
    const enter = this.#host.wantsPassword?.(error) ? ["enterPassword"] : [];
    this.say("error", this.#host.failureText(error), [...enter, ...actions] as NoticeOf<State>["actions"]);
  }

  end(): void {
    this.#ended = true;
  }
}

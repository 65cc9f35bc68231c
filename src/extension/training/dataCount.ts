import { setTimeout as sleep } from "node:timers/promises";
import type { TrainingOptions, TrainingPageState } from "../../shared/index.ts";
import type { ShownState } from "../pages/shownState.ts";
import type { TrainingHost } from "./trainingHost.ts";

/** Counts what choices would be given, the latest ones only. */
export class DataCount {
  readonly #state: ShownState<TrainingPageState>;
  readonly #host: Pick<TrainingHost, "count">;
  #counting = new AbortController();

  constructor(state: ShownState<TrainingPageState>, host: Pick<TrainingHost, "count">) {
    this.#state = state;
    this.#host = host;
  }

  /** @param rest milliseconds in which nothing else may be chosen */
  async count(options: TrainingOptions, rest: number): Promise<void> {
    this.stop();
    const abort = new AbortController();
    this.#counting = abort;
    this.#state.set({ counting: true });
    if (rest > 0) await sleep(rest);
    if (abort.signal.aborted) return;
    try {
      const data = await this.#host.count(options, abort.signal);
      if (!abort.signal.aborted) this.#state.set({ data, notice: null });
    } finally {
      if (this.#counting === abort) this.#state.set({ counting: false });
    }
  }

  stop(): void {
    this.#counting.abort();
  }
}

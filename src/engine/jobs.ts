import type { IndexSummary } from "../shared/index.ts";

/** Something that can be cancelled by whoever asked for it; vscode-jsonrpc's token fits. */
export interface Cancellation {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): unknown;
}

type Run = (signal: AbortSignal) => Promise<IndexSummary>;

/**
 * One indexing run per folder at a time. Whoever asks while one is under way joins it; it is cancelled when the last
 * one who asked has cancelled.
 */
export class IndexJobs {
  readonly #running = new Map<
    string,
    { readonly done: Promise<IndexSummary>; abort: AbortController; callers: number }
  >();

  run(folder: string, cancellation: Cancellation, start: Run): Promise<IndexSummary> {
    let job = this.#running.get(folder);
    if (job === undefined) {
      const abort = new AbortController();
      const done = start(abort.signal).finally(() => this.#running.delete(folder));
      job = { done, abort, callers: 0 };
      this.#running.set(folder, job);
    }
    const joined = job;
    joined.callers++;
    const leave = () => {
      joined.callers--;
      if (joined.callers === 0) joined.abort.abort();
    };
    if (cancellation.isCancellationRequested) leave();
    else cancellation.onCancellationRequested(leave);
    return joined.done;
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import type * as vscode from "vscode";
import type { FolderStatus } from "../shared/index.ts";

/** So many deaths of the engine without progress between them end a run. */
const MOST_DEATHS = 3;
/** Before the first retry; twice as long before each further one without progress. Milliseconds. */
const FIRST_WAIT = 500;

/** Whether the engine's death ends a run, or how long to wait before the run is asked for again. */
export interface Verdict {
  /** Whether the run came further than ever before. */
  readonly progress: boolean;
  /** In a row without progress, with this one. */
  readonly deaths: number;
  /** Milliseconds; undefined where the run is given up. */
  readonly wait: number | undefined;
}

/**
 * Counts the deaths of the engine during one run. What a run reaches can only grow up to the number of files, so there is
 * no retry without end.
 */
export class RunDeaths {
  readonly #best = { indexed: 0, skipped: 0, done: 0 };
  #heard = false;
  #further = false;
  #deaths = 0;

  /** To be called with every status of the run. */
  note({ indexed, skipped, progress }: Pick<FolderStatus, "indexed" | "skipped" | "progress">): void {
    // A rebuild replaces row by row: only its own steps grow. Steps of other phases are no files that are dealt with.
    const reached = { indexed, skipped, done: progress?.phase === "embedding" ? progress.done : 0 };
    for (const key of ["indexed", "skipped", "done"] as const) {
      if (reached[key] <= this.#best[key]) continue;
      this.#best[key] = reached[key];
      // What was there before the run is nothing that it reached.
      this.#further ||= this.#heard;
    }
    this.#heard = true;
  }

  /** @param restarts whether the engine may be started again although there was no progress */
  died(restarts: boolean): Verdict {
    const progress = this.#further;
    this.#further = false;
    this.#deaths = progress ? 1 : this.#deaths + 1;
    const deaths = this.#deaths;
    const goesOn = deaths < MOST_DEATHS && (progress || restarts);
    return { progress, deaths, wait: goesOn ? FIRST_WAIT * 2 ** (deaths - 1) : undefined };
  }
}

/** Waits; ends at once, without an error, when the token is cancelled. */
export async function waitFor(milliseconds: number, token: vscode.CancellationToken): Promise<void> {
  const abort = new AbortController();
  const listener = token.onCancellationRequested(() => abort.abort());
  if (token.isCancellationRequested) abort.abort();
  await sleep(milliseconds, undefined, { signal: abort.signal }).catch(() => {});
  listener.dispose();
}

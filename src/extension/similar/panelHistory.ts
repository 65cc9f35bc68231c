import type { PanelQuery } from "./query.ts";

/** A query of a panel, with the folder that it was asked of. */
export interface Visit {
  readonly folder: string;
  readonly query: PanelQuery;
}

/** Queries that are kept; beyond this many the oldest are let go. */
const KEPT = 50;

/** The queries of a panel one after the other, and the one that is shown. */
export class PanelHistory {
  #visits: Visit[] = [];
  #at = -1;

  get canGoBack(): boolean {
    return this.#at > 0;
  }

  get canGoForward(): boolean {
    return this.#at < this.#visits.length - 1;
  }

  /** Comes after the one that is shown; what was beyond it is forgotten. */
  push(visit: Visit): void {
    this.#visits = [...this.#visits.slice(0, this.#at + 1), visit].slice(-KEPT);
    this.#at = this.#visits.length - 1;
  }

  /** The one that is shown was changed: another box, weights, an example more. */
  replace(visit: Visit): void {
    this.#visits[this.#at] = visit;
  }

  /** @returns the visit to show; undefined where there is none in this direction */
  go(step: 1 | -1): Visit | undefined {
    const visit = this.#visits[this.#at + step];
    if (visit !== undefined) this.#at += step;
    return visit;
  }
}

import type { SavedHistory } from "../../shared/index.ts";
import type { PanelQuery } from "./query.ts";

/** A query of a panel, with the folder that it was asked of. */
export interface Visit {
  readonly folder: string;
  readonly query: PanelQuery;
}

/** Queries that are kept; beyond this many the oldest are let go. */
export const KEPT = 50;

/** The queries of a panel one after the other, and the one that is shown. */
export class PanelHistory {
  #visits: readonly Visit[] = [];
  #at = -1;
  #saved: SavedHistory = { visits: [], at: -1 };

  /** For the page to keep; another one after each change. */
  get saved(): SavedHistory {
    return this.#saved;
  }

  get canGoBack(): boolean {
    return this.#at > 0;
  }

  get canGoForward(): boolean {
    return this.#at < this.#visits.length - 1;
  }

  /** Takes over what a page kept. */
  restore({ visits, at }: SavedHistory): void {
    this.#become(
      visits.map(({ folder, ...query }) => ({ folder, query })),
      at,
    );
  }

  /** Comes after the one that is shown; what was beyond it is forgotten. */
  push(visit: Visit): void {
    const visits = [...this.#visits.slice(0, this.#at + 1), visit].slice(-KEPT);
    this.#become(visits, visits.length - 1);
  }

  /** The one that is shown was changed: another box, weights, an example more. */
  replace(visit: Visit): void {
    this.#become(this.#visits.with(this.#at, visit), this.#at);
  }

  /** @returns the visit to show; undefined where there is none in this direction */
  go(step: 1 | -1): Visit | undefined {
    const visit = this.#visits[this.#at + step];
    if (visit !== undefined) this.#become(this.#visits, this.#at + step);
    return visit;
  }

  #become(visits: readonly Visit[], at: number): void {
    this.#visits = visits;
    this.#at = at;
    this.#saved = { visits: visits.map(({ folder, query }) => ({ folder, ...query })), at };
  }
}

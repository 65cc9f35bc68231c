import type { PageQuery, SimilarState } from "../../src/shared/index.ts";

/** What the host knows of the query. */
export function queryOf({ examples, texts = [], weights, filter, labels, across }: SimilarState): PageQuery {
  // In one order, since what was changed is compared with what the host knows.
  const shown = examples.map(({ path, sign, box, weight }) => {
    return { path, sign, box, ...(weight === undefined ? {} : { weight }) };
  });
  return { examples: shown, texts, weights, filter, labels, across: across !== null };
}

/**
 * The part of a query that the user changed in the page and the host does not know yet. A drag changes it many times before
 * the host answers, and an older answer must not take back what was drawn since.
 */
export class Draft {
  #changes: Partial<PageQuery> = {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #send: () => void;

  /** @param send asks the host for the query as it is then */
  constructor(send: () => void) {
    this.#send = send;
  }

  /** The query with what was changed. */
  on(query: PageQuery): PageQuery {
    return { ...query, ...this.#changes };
  }

  /** @param delay milliseconds without another change, after which the host is asked */
  change(changes: Partial<PageQuery>, delay: number): void {
    this.#changes = { ...this.#changes, ...changes };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#send, delay);
  }

  /** The host knows this by now. */
  settle(query: PageQuery): void {
    for (const key of Object.keys(this.#changes) as (keyof PageQuery)[]) {
      if (JSON.stringify(this.#changes[key]) === JSON.stringify(query[key])) delete this.#changes[key];
    }
  }

  /** Forgets what was changed: another query is shown. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#changes = {};
  }
}

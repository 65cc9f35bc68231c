import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { SimilarResult } from "../../src/shared/index.ts";
import { afterPaint, mark } from "../painted.ts";

/** Marks on the page's time line when the first rows of a result have been painted, each by its query. */
export class ResultMarks implements ReactiveController {
  readonly #result: () => SimilarResult | null;
  #painted: SimilarResult | null = null;

  constructor(host: ReactiveControllerHost, result: () => SimilarResult | null) {
    this.#result = result;
    host.addController(this);
  }

  hostUpdated(): void {
    const result = this.#result();
    if (result === this.#painted) return;
    this.#painted = result;
    if (result !== null) afterPaint(() => mark("results", result.query));
  }
}

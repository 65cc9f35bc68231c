import type { RankedImage, SimilarResult, SimilarState } from "../../shared/index.ts";

/** The paths that a page was told in its life: it may ask for these and no others, and it may lag behind. */
export class ShownBefore {
  readonly #paths = new Set<string>();
  #result: SimilarResult | null = null;

  see({ query, examples, result, comparison }: SimilarState): void {
    for (const { path } of [query, ...examples]) this.#paths.add(path);
    for (const { ranked } of comparison ?? []) this.#addAll(ranked ?? []);
    // The same one comes with each change of what is around it.
    if (result === this.#result) return;
    this.#result = result;
    for (const list of Object.values(result?.results ?? {})) this.#addAll(list);
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  #addAll(list: readonly RankedImage[]): void {
    for (const { path } of list) this.#paths.add(path);
  }
}

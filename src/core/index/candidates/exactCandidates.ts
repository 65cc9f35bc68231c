import { setImmediate } from "node:timers/promises";
import { type ExactSearch, Gallery } from "../../search/index.ts";
import type { RevisedEmbedding } from "./revisions.ts";

/** Rows that are scored at once: with 3 x 512 values 25 MB. */
const CHUNK = 4096;

export interface CandidateQuery {
  /** One float32 `[dim]` of norm 1 per branch. */
  readonly branches: readonly Float32Array[];
  /** How long each list has to be. */
  readonly k: number;
  /** Share of each branch in combined. */
  readonly shares?: readonly number[] | undefined;
}

/**
 * Goes through rows and keeps the revisions of those that are in one of the lists, all columns, combined included. Exact;
 * memory does not grow with the number of rows.
 */
export async function exactCandidates(
  rows: Iterable<RevisedEmbedding>,
  { branches, k, shares }: CandidateQuery,
  search: ExactSearch,
): Promise<Set<number>> {
  const chunk = new Gallery(branches.map((branch) => branch.length));
  let lists = Array.from({ length: branches.length + 1 }, () => [] as { revision: number; score: number }[]);
  async function flush(): Promise<void> {
    const result = await search.run(branches, chunk, k, { shares });
    lists = lists.map((list, column) => {
      const { scores, top } = result[column]!;
      const found = top.map((row) => ({ revision: Number(chunk.pathOf(row)), score: scores[row]! }));
      return [...list, ...found].sort((a, b) => b.score - a.score).slice(0, k);
    });
    chunk.clear();
    await setImmediate();
  }
  for (const { revision, embedding } of rows) {
    // A row that another process writes meanwhile comes by again under a new revision; the old one is not found later.
    chunk.set(String(revision), embedding);
    if (chunk.count === CHUNK) await flush();
  }
  if (chunk.count > 0) await flush();
  return new Set(lists.flat().map(({ revision }) => revision));
}

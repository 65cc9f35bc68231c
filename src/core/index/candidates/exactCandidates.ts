import { setImmediate } from "node:timers/promises";
import { type ExactSearch, Gallery } from "../../search/index.ts";

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

export interface KeyedEmbedding<Key> {
  readonly key: Key;
  /** float32 `[sum of dims]`; it may be reused between rows. */
  readonly embedding: Float32Array;
}

/**
 * Goes through rows and keeps the keys of those that are in one of the lists, all columns, combined included. Exact;
 * memory does not grow with the number of rows.
 */
export async function exactCandidates<Key extends string | number>(
  rows: Iterable<KeyedEmbedding<Key>> | AsyncIterable<KeyedEmbedding<Key>>,
  { branches, k, shares }: CandidateQuery,
  search: ExactSearch,
): Promise<Set<Key>> {
  const chunk = new Gallery(branches.map((branch) => branch.length));
  const keys = new Map<string, Key>();
  let lists = Array.from({ length: branches.length + 1 }, () => [] as { key: Key; score: number }[]);
  async function flush(): Promise<void> {
    const result = await search.run(branches, chunk, k, { shares });
    lists = lists.map((list, column) => {
      const { scores, top } = result[column]!;
      const found = top.map((row) => ({ key: keys.get(chunk.pathOf(row))!, score: scores[row]! }));
      return [...list, ...found].sort((a, b) => b.score - a.score).slice(0, k);
    });
    chunk.clear();
    keys.clear();
    await setImmediate();
  }
  for await (const { key, embedding } of rows) {
    // A row that another process writes meanwhile comes by again under a new revision; the old one is not found later.
    chunk.set(String(key), embedding);
    keys.set(String(key), key);
    if (chunk.count === CHUNK) await flush();
  }
  if (chunk.count > 0) await flush();
  return new Set(lists.flat().map(({ key }) => key));
}

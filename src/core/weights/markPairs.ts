import { createHash } from "node:crypto";
import type { RankedImage } from "../../shared/index.ts";

/** A session is of so many queries, and of so many images of each: about 30 marks. */
export const QUERIES = 6;
const EACH = 5;

/** Images that are asked about: the first is what the user looks at, the others are the same in each session of a folder. */
export function markQueries(paths: readonly string[], first: string | null): string[] {
  const spread = paths
    .map((path) => ({ path, key: createHash("sha256").update(`mark ${path}`).digest("hex") }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ path }) => path);
  const own = first !== null && paths.includes(first) ? [first] : [];
  return [...new Set([...own, ...spread])].slice(0, QUERIES);
}

/**
 * Images to ask about: the best of each branch in turn, since where all branches agree there is nothing to choose.
 * @param lists of the branches
 */
export function markCandidates(lists: readonly (readonly RankedImage[])[]): string[] {
  const length = Math.max(0, ...lists.map((list) => list.length));
  const inTurn = Array.from({ length }, (_, i) => lists.flatMap((list) => list[i]?.path ?? [])).flat();
  const counts = new Map<string, number>();
  for (const path of inTurn) counts.set(path, (counts.get(path) ?? 0) + 1);
  // Last what is in all lists.
  const unique = [...counts.keys()];
  return [
    ...unique.filter((path) => counts.get(path)! < lists.length),
    ...unique.filter((path) => counts.get(path) === lists.length),
  ].slice(0, EACH);
}

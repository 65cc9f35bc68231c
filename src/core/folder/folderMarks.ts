import { join } from "node:path";
import type { Mark, SuggestedWeights } from "../../shared/index.ts";
import type { EmbeddingSource } from "../search/index.ts";
import { markCandidates, markQueries } from "../weights/index.ts";
import type { FolderInUse } from "./folderInUse.ts";
import { findSimilar } from "./folderQuery.ts";
import { byMarks } from "./folderWeights.ts";
import { heldMarks, holdMarks, holdWeights } from "./heldWeights.ts";

/** So many are kept, the latest. */
const MOST = 2000;
/** Length of the lists that pairs come from. */
const LOOKED = 6;

/**
 * Adds marks to those that the index holds, and chooses weights by all of them; they are in force where the marks say enough.
 * @throws the signal's reason
 */
export async function chooseByMarks(
  use: FolderInUse,
  source: EmbeddingSource,
  marks: readonly Mark[],
  signal?: AbortSignal,
): Promise<SuggestedWeights> {
  const before = await heldMarks(use);
  // Of the same question the latest answer counts.
  const known = new Map([...before, ...marks].map((mark) => [JSON.stringify([mark.query, mark.image]), mark]));
  const all = [...known.values()].slice(-MOST);
  await holdMarks(use, all);
  const found = await byMarks(use, source, all, signal);
  if (found.from === "marks") await holdWeights(use, found);
  return found;
}

/**
 * What to ask somebody about: images that one branch finds and others do not, of a few queries.
 * @param first of the queries, relative to the folder; null where it is not indexed
 */
export async function pairsToMark(use: FolderInUse, first: string | null): Promise<Omit<Mark, "belongs">[]> {
  const paths = (await use.current.store.images()).map(({ path }) => path);
  const pairs: Omit<Mark, "belongs">[] = [];
  for (const query of markQueries(paths, first)) {
    const examples = [{ image: join(use.folder, query), sign: 1 }] as const;
    const { results, model } = await findSimilar(use, { examples, k: LOOKED });
    const candidates = markCandidates(model.descriptors.map((name) => results[name] ?? []));
    pairs.push(...candidates.map((image) => ({ query, image })));
  }
  return pairs;
}

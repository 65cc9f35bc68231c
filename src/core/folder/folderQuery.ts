import {
  COMBINED,
  type ExplainQuery,
  type ExplainResult,
  type QueryExample,
  type ResultFilter,
  type SimilarQuery,
  type SimilarResult,
  type SuggestedWeights,
} from "../../shared/index.ts";
import { ImageError, isGone } from "../images/index.ts";
import {
  checkBox,
  checkQuery,
  combineExamples,
  type Gallery,
  nameResult,
  REORDERED,
  type SearchResult,
} from "../search/index.ts";
import { placeOf } from "./filePlace.ts";
import type { FolderInUse } from "./folderInUse.ts";
import { heldWeights } from "./heldWeights.ts";
import { embedExamples, shownExamples } from "./queryExamples.ts";
import { decodeQuery, insideOf } from "./queryParts.ts";
import type { Searchable } from "./searchable.ts";
import { findByWords } from "./wordQuery.ts";

/**
 * The images most alike to a query, per branch and combined. A file that is indexed and unchanged is not embedded
 * again; any other file, and any part of one, is embedded on the fly, inside the folder or not.
 * @param accepts only images with these paths may be found; all may where absent
 * @throws ImageError where a file cannot be decoded
 * @throws QueryError where the query cannot be answered: its examples cancel each other out, all weights are 0
 */
export async function findSimilar(
  use: FolderInUse,
  query: SimilarQuery,
  accepts?: (path: string) => boolean,
): Promise<SimilarResult> {
  const { examples, k, only = {} } = query;
  const { kinds = false } = only;
  const places = await Promise.all(examples.map(async (example) => placeOf(use, example.image)));
  const { texts = [] } = query;
  if (texts.length > 0) return use.turn(() => findByWords(use, query, places, accepts));
  return use.turn(async () => {
    const { embedder, search } = use.current;
    const { descriptors } = embedder.summary;
    const suggested = await heldWeights(use);
    const { weights, shares } = checkQuery(withWeights(query, suggested), descriptors);
    const embedded = await embedExamples(use, examples, places);
    const columns = [...descriptors, COMBINED];
    const branches = combineExamples(embedded, descriptors);
    const length = kinds ? Math.max(k, REORDERED) : k;
    // The examples themselves are found too, and left out.
    const gallery = await use.current.candidates(branches, length + examples.length, shares, only.folder, accepts);
    const rows = places.map(({ path }) => (path === null ? undefined : gallery.rowOf(path)));
    const found = await search.run(branches, gallery, length, {
      shares,
      without: rows.filter((row) => row !== undefined),
      within: insideOf(gallery, only.folder, accepts),
    });
    const together = kinds && (await use.current.isHeld());
    const result = together ? await putTogether(use.current, branches, gallery, found, shares) : found;
    const chance = await chanceOf(use, examples, shares);
    const shown = shownExamples(examples, places);
    return {
      query: shown[0]!.image,
      examples: shown,
      weights,
      suggested,
      model: embedder.summary,
      chance: chance === null ? null : nameChance(columns, chance),
      kinds: together,
      ...nameResult(cutTo(k, result), descriptors, gallery, leastOf(only.minScore, columns.length, chance)),
    };
  });
}

/** A file that others indexed is not gone where it never was. */
function sayElsewhere({ place }: FolderInUse): (error: unknown) => never {
  return (error) => {
    if (place.kind !== "postgres" || !isGone(error)) throw error;
    const hint = "This machine may not have the files of this shared index: mount them, or ask where they are.";
    throw new ImageError(`${error instanceof Error ? error.message : String(error)}. ${hint}`, { cause: error });
  };
}

/** A query that names no weights is asked with those that the index holds. */
function withWeights(query: SimilarQuery, held: SuggestedWeights | null): SimilarQuery {
  const { weights = {} } = query;
  return Object.keys(weights).length > 0 || held === null ? query : { ...query, weights: held.weights };
}

/** Combined's list with images of one kind together, each with its rank by score. */
async function putTogether(
  current: Searchable,
  branches: readonly Float32Array[],
  gallery: Gallery,
  found: SearchResult,
  shares: readonly number[],
): Promise<SearchResult> {
  const combined = found.at(-1)!;
  const top = await current.kindsTogether(branches, gallery, combined.top, shares);
  const ranks = new Map(combined.top.map((row, i) => [row, i + 1]));
  return [...found.slice(0, -1), { ...combined, top, ranks }];
}

function cutTo(k: number, found: SearchResult): SearchResult {
  return found.map((column) => ({ ...column, top: column.top.slice(0, k) }));
}

/** The scores of chance in each column; null where nothing can be said: of several examples the sum has other chances than a pair. */
async function chanceOf(
  use: FolderInUse,
  examples: readonly QueryExample[],
  shares: readonly number[],
): Promise<readonly (number | null)[] | null> {
  if (examples.length > 1 || examples[0]!.sign < 0) return null;
  return (await use.current.chance())?.limits(shares) ?? null;
}

/** By column, without those in which nothing can be said; null where that is so in all. */
function nameChance(columns: readonly string[], chance: readonly (number | null)[]): SimilarResult["chance"] {
  const named = columns.flatMap((column, c) => (chance[c] == null ? [] : [[column, chance[c]] as const]));
  return named.length === 0 ? null : Object.fromEntries(named);
}

/** The lowest score of each column's list. */
function leastOf(
  asked: ResultFilter["minScore"],
  columns: number,
  chance: readonly (number | null)[] | null,
): readonly number[] {
  if (asked === "auto") return (chance ?? []).map((limit) => limit ?? Number.NEGATIVE_INFINITY);
  return asked === undefined ? [] : Array.from({ length: columns }, () => asked);
}

/**
 * Which regions of two images make their score in each branch.
 * @param asked absolute paths of two images, inside the folder or not
 * @throws ImageError where a file cannot be decoded
 * @throws QueryError where the box is not inside the query
 */
export async function explainPair(use: FolderInUse, asked: ExplainQuery): Promise<ExplainResult> {
  if (asked.box !== undefined) checkBox(asked.box);
  return use.turn(async () => {
    const { embedder } = use.current;
    const query = await decodeQuery(embedder, asked.query, asked.box).catch(sayElsewhere(use));
    const result = await decodeQuery(embedder, asked.result).catch(sayElsewhere(use));
    const explained = await (await use.current.explainer()).explain(query.pixels, result.pixels);
    return { ...explained, seen: { query: query.seen, result: result.seen } };
  });
}

import {
  COMBINED,
  type QueryText,
  type SimilarQuery,
  type SimilarResult,
  type WordsAnswer,
  type WordsNote,
} from "../../shared/index.ts";
import type { TextTower } from "../runtime/index.ts";
import {
  checkQuery,
  combineExamples,
  type EmbeddedExample,
  type Gallery,
  NoTextTowerError,
  nameResult,
  QueryError,
  type SearchResult,
} from "../search/index.ts";
import type { FolderInUse } from "./folderInUse.ts";
import { embedExamples, type Place, shownExamples } from "./queryExamples.ts";
import { insideOf } from "./queryParts.ts";
import { cutOffOf } from "./wordCutOff.ts";

/** Best images of the words' branch, whose neighbours the other branches show. */
const BEST = 5;

/**
 * The images most alike to words, or to words and pictures together. Words have a place in one branch's space only: it ranks
 * all images, and combined is its list. The other branches show the neighbours of its best images, these left out.
 * @param places of the query's images
 * @throws QueryError where the model has no text tower, or nothing is left of the words
 */
export async function findByWords(
  use: FolderInUse,
  query: SimilarQuery,
  places: readonly Place[],
  accepts?: (path: string) => boolean,
): Promise<SimilarResult> {
  const { texts = [], examples, k, only = {} } = query;
  const { embedder, search } = use.current;
  const { descriptors } = embedder.summary;
  checkQuery(query, descriptors);
  const link = embedder.manifest.text;
  if (link === undefined) {
    throw new NoTextTowerError(
      `The model ${embedder.summary.name} has no text tower, so that words mean nothing to it. Choose a model that has one.`,
    );
  }
  const tower = await use.model.textTower(link);
  const { parts, notes } = await embedTexts(tower, texts, query.prompts);
  const t = descriptors.indexOf(link.branch);
  const pictures = await embedExamples(use, examples, places);
  const own = pictures.map(({ branches, ...part }) => ({ ...part, branches: [branches[t]!] }));
  const [words] = combineExamples([...own, ...parts], [link.branch]) as [Float32Array];

  const shares = descriptors.map((_, b) => (b === t ? 1 : 0));
  const dims = embedder.manifest.descriptors.map(({ dim }) => dim);
  const within = (gallery: Gallery) => insideOf(gallery, only.folder, accepts);
  const without = (gallery: Gallery) =>
    places.flatMap(({ path }) => (path === null ? [] : (gallery.rowOf(path) ?? [])));
  const asked = (branches: readonly Float32Array[]) =>
    use.current.candidates(branches, k + BEST + examples.length, shares, only.folder, accepts);

  const first = await asked(dims.map((dim, b) => (b === t ? words : anyDirection(dim))));
  const best = await bestOf(use, first, t, words, { without: without(first), within: within(first) });
  const near = best.map((row) => first.branches(row));
  const branches = dims.map((dim, b) => (b === t ? words : meanOf(near, b, dim)));
  const gallery = await asked(branches);
  const paths = best.map((row) => first.pathOf(row));
  const found = await search.run(branches, gallery, k + BEST, {
    shares,
    without: without(gallery),
    within: within(gallery),
  });
  const result = withoutBest(found, new Set(paths.map((path) => gallery.rowOf(path))), t, k);

  const cutOff = await cutOffOf(use, tower, query, t);
  const columns = [...descriptors, COMBINED];
  const ranks = (column: number) => column === t || column === descriptors.length;
  const least = leastOf(only.minScore, cutOff).map((score, i) => (ranks(i) ? score : Number.NEGATIVE_INFINITY));
  const chance = cutOff === null ? null : { [link.branch]: cutOff.score, [COMBINED]: cutOff.score };
  return {
    query: shownExamples(examples, places)[0]?.image ?? texts[0]!.text,
    examples: shownExamples(examples, places),
    weights: Object.fromEntries(descriptors.map((name, b) => [name, shares[b]!])),
    model: embedder.summary,
    chance,
    words: { texts, branch: link.branch, best: paths, cutOff, notes },
    kinds: false,
    ...nameResult(result, descriptors, gallery, least),
  };

  function leastOf(minScore: typeof only.minScore, cut: WordsAnswer["cutOff"]): number[] {
    const score = minScore === "auto" ? cut?.score : minScore;
    return columns.map(() => score ?? Number.NEGATIVE_INFINITY);
  }
}

async function embedTexts(
  tower: TextTower,
  texts: readonly QueryText[],
  prompts: readonly string[] | undefined,
): Promise<{ readonly parts: readonly EmbeddedExample[]; readonly notes: readonly WordsNote[] }> {
  const parts: EmbeddedExample[] = [];
  const notes: WordsNote[] = [];
  for (const { text, sign, weight } of texts) {
    const embedded = await tower.embed(text, prompts);
    if (embedded === null) {
      throw new QueryError(
        text.trim() === ""
          ? "There are no words to search by."
          : `Nothing is left of "${text}" to search by: write words.`,
      );
    }
    const { cutTo, strange } = embedded.tokens;
    if (cutTo !== null) notes.push({ kind: "cut", text, cutTo });
    if (strange.length > 0) notes.push({ kind: "strange", words: strange });
    parts.push({ sign, weight, branches: [embedded.embedding] });
  }
  return { parts, notes };
}

/** The best rows of one branch alone: the others have no query yet. */
async function bestOf(
  use: FolderInUse,
  gallery: Gallery,
  branch: number,
  words: Float32Array,
  options: { readonly without: readonly number[]; readonly within: ((row: number) => boolean) | undefined },
): Promise<readonly number[]> {
  const { count, dims } = gallery;
  const alone = { count, dims: [dims[branch]!], matrix: () => gallery.matrix(branch) };
  const [column] = await (await use.current.searchOfOne()).run([words], alone, BEST, options);
  return column!.top;
}

/** Past memory each branch needs some query of norm 1 to find candidates by. */
function anyDirection(dim: number): Float32Array {
  const vector = new Float32Array(dim);
  vector[0] = 1;
  return vector;
}

/** The mean direction of the best images in a branch. */
function meanOf(rows: readonly (readonly Float32Array[])[], branch: number, dim: number): Float32Array {
  if (rows.length === 0) return anyDirection(dim);
  return combineExamples(
    rows.map((branches) => ({ sign: 1, branches: [branches[branch]!] })),
    ["neighbours"],
  )[0]!;
}

/** The best images are no neighbours of themselves. */
function withoutBest(found: SearchResult, best: ReadonlySet<number | undefined>, t: number, k: number): SearchResult {
  return found.map((column, c) => {
    const ranks = c === t || c === found.length - 1;
    return { ...column, top: column.top.filter((row) => ranks || !best.has(row)).slice(0, k) };
  });
}

/** One answer from several indexed folders. */
import { COMBINED } from "./descriptors.ts";
import type { ModelSummary } from "./model.ts";
import type { BranchWeights, ResultFilter } from "./query.ts";
import type { CutOff, RankedImage, SimilarResult, WordsAnswer } from "./results.ts";

/** What one folder answered. */
export interface FolderAnswer {
  /** Absolute path. */
  readonly folder: string;
  readonly result: SimilarResult;
}

export interface AcrossResult {
  /**
   * `score`: all folders are embedded by the same model and weigh its branches in the same way, so their scores compare. `rank`:
   * they do not (a model that is adapted to each folder measures each in its own way), so the best of each folder come first, then
   * the second best.
   */
  readonly order: "score" | "rank";
  /** Names that stand in front of the paths, by folder. */
  readonly names: Readonly<Record<string, string>>;
  /** What embedded each folder, by folder. */
  readonly models: Readonly<Record<string, ModelSummary>>;
  /** Branches that all models have, in the first one's order. */
  readonly descriptors: readonly string[];
  /** Of these branches, as used in `combined`; 0 where the folders have different ones. */
  readonly weights: BranchWeights;
  /** Where the query has words; what is nothing like them each folder tells by itself (`cutOffs`). */
  readonly words?: WordsAnswer;
  /** Those of each folder, by folder: a score of its images splits by them. */
  readonly weightsOf: Readonly<Record<string, BranchWeights>>;
  /** One list per branch and `combined`; each path with the folder's name and `/` in front. */
  readonly results: Readonly<Record<string, readonly RankedImage[]>>;
  /** As in `SimilarResult`; a score is the one of the image's own folder. */
  readonly scores: SimilarResult["scores"];
}

/**
 * Puts the answers of several folders to one query together.
 * @param answers at least one
 * @param k length of each list
 * @param names that stand in front of the paths, by folder: those of more folders than answered, say
 */
export function mergeAnswers(
  answers: readonly FolderAnswer[],
  k: number,
  names: Readonly<Record<string, string>> = folderNames(answers.map(({ folder }) => folder)),
): AcrossResult {
  const models = answers.map(({ result }) => result.model);
  const oneModel = models.every(({ fingerprint }) => fingerprint === models[0]?.fingerprint);
  const descriptors = (models[0]?.descriptors ?? []).filter((name) =>
    models.every((model) => model.descriptors.includes(name)),
  );
  const weighings = answers.map(({ result }) => proportions(descriptors, result.weights));
  const oneWeighing = weighings.every((each) => each.every((weight, b) => weight === weighings[0]![b]));
  const same = oneModel && oneWeighing;
  const results: Record<string, RankedImage[]> = {};
  const scores: Record<string, Readonly<Record<string, number>>> = {};
  for (const column of [...descriptors, COMBINED]) {
    const all = answers.flatMap(({ folder, result }) =>
      (result.results[column] ?? []).map((image) => ({ ...image, path: `${names[folder]}/${image.path}` })),
    );
    // The sort is stable: where ranks are equal, the order of the folders decides.
    all.sort((a, b) => (same ? b.score - a.score : a.rank - b.rank));
    results[column] = all.slice(0, k).map((image, i) => ({ ...image, rank: i + 1 }));
  }
  const shown = new Set(Object.values(results).flatMap((list) => list.map(({ path }) => path)));
  for (const { folder, result } of answers) {
    for (const [path, own] of Object.entries(result.scores)) {
      const named = `${names[folder]}/${path}`;
      if (shown.has(named)) scores[named] = own;
    }
  }
  const [words] = answers.flatMap(({ result }) => result.words ?? []);
  const cutOffs = Object.fromEntries(
    answers.map(({ folder, result }) => {
      const cutOff = result.words?.cutOff ?? null;
      const best = result.results[COMBINED]?.[0]?.score ?? null;
      return [names[folder]!, cutOff === null ? null : { ...cutOff, best }];
    }),
  );
  const best = answers.flatMap(({ folder, result }) =>
    (result.words?.best ?? []).map((path) => `${names[folder]}/${path}`),
  );
  return {
    ...(words === undefined ? {} : { words: { ...words, best, cutOff: null, cutOffs } }),
    order: same ? "score" : "rank",
    names,
    models: Object.fromEntries(answers.map(({ folder, result }) => [folder, result.model])),
    descriptors,
    weights: Object.fromEntries(
      descriptors.map((name) => [name, oneWeighing ? (answers[0]?.result.weights[name] ?? 1) : 0]),
    ),
    weightsOf: Object.fromEntries(answers.map(({ folder, result }) => [folder, result.weights])),
    results,
    scores,
  };
}

/**
 * What a folder among several says of an image of its: up to which score it is not like the words. The longest name counts, since
 * one may begin with another.
 * @param path with the folder's name and `/` in front
 */
export function cutOffFor(cutOffs: NonNullable<WordsAnswer["cutOffs"]>, path: string): CutOff | null {
  const [name] = Object.keys(cutOffs)
    .filter((each) => path.startsWith(`${each}/`))
    .sort((a, b) => b.length - a.length);
  return name === undefined ? null : (cutOffs[name] ?? null);
}

/** Whether every one of several folders says that it has nothing like the words. */
export function nothingLike({ cutOffs = {} }: WordsAnswer): boolean {
  const all = Object.values(cutOffs);
  return all.length > 0 && all.every((each) => each !== null && (each.best ?? -1) <= each.score);
}

/** Weights against the largest of them: only proportions count. */
function proportions(branches: readonly string[], weights: BranchWeights): number[] {
  const all = branches.map((name) => weights[name] ?? 1);
  const most = Math.max(...all);
  return all.map((weight) => (most > 0 ? weight / most : 0));
}

/** @returns the filter of a folder out of one whose `folder` begins with a folder's name; undefined where nothing of it passes */
export function filterWithin(name: string, { folder = "", ...others }: ResultFilter): ResultFilter | undefined {
  if (folder === "") return others;
  const [first, ...inside] = folder.split("/");
  if (first !== name) return undefined;
  return inside.length === 0 ? others : { folder: inside.join("/"), ...others };
}

/** The last part of each path, with a number where several are the same. */
export function folderNames(folders: readonly string[]): Record<string, string> {
  const names: Record<string, string> = {};
  const taken = new Set<string>();
  for (const folder of folders) {
    const base = folder.split(/[\\/]/).findLast((part) => part !== "") ?? folder;
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base} (${n})`;
    taken.add(name);
    names[folder] = name;
  }
  return names;
}

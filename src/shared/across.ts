/** One answer from several indexed folders. */
import { COMBINED } from "./descriptors.ts";
import type { RankedImage, SimilarResult } from "./results.ts";

/** What one folder answered. */
export interface FolderAnswer {
  /** Absolute path. */
  readonly folder: string;
  readonly result: SimilarResult;
}

export interface AcrossResult {
  /**
   * `score`: all folders are embedded by the same model, so their scores compare. `rank`: they are not (a model that is
   * adapted to each folder measures each in its own way), so the best of each folder come first, then the second best.
   */
  readonly order: "score" | "rank";
  /** Names that stand in front of the paths, by folder. */
  readonly names: Readonly<Record<string, string>>;
  /** Branches that all models have, in the first one's order. */
  readonly descriptors: readonly string[];
  /** One list per branch and `combined`; each path with the folder's name and `/` in front. */
  readonly results: Readonly<Record<string, readonly RankedImage[]>>;
  /** As in `SimilarResult`; a score is the one of the image's own folder. */
  readonly scores: SimilarResult["scores"];
}

/**
 * Puts the answers of several folders to one query together.
 * @param answers at least one
 * @param k length of each list
 */
export function mergeAnswers(answers: readonly FolderAnswer[], k: number): AcrossResult {
  const models = answers.map(({ result }) => result.model);
  const same = models.every(({ fingerprint }) => fingerprint === models[0]?.fingerprint);
  const descriptors = (models[0]?.descriptors ?? []).filter((name) =>
    models.every((model) => model.descriptors.includes(name)),
  );
  const names = uniqueNames(answers.map(({ folder }) => folder));
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
  return { order: same ? "score" : "rank", names, descriptors, results, scores };
}

/** The last part of each path, with a number where several are the same. */
function uniqueNames(folders: readonly string[]): Record<string, string> {
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

import {
  COMBINED,
  count,
  evaluatedName,
  hasFigure,
  listed,
  type ModelState,
  type SuggestedWeights,
} from "../../shared/index.ts";
import {
  classFigures,
  compareBranches,
  differencesOf,
  failuresOf,
  figuresOf,
  type Ranking,
  type RankingFigures,
  type RetrievalTask,
  type RowNames,
  rankQueries,
} from "../evaluation/index.ts";
import type { FolderIndex } from "../folder/index.ts";
import { type LoadedRows, loadRows } from "./loadRows.ts";
import type { Basis, EvaluateOptions } from "./options.ts";
import { compareSizes } from "./sizes.ts";
import { seenAmong, trainedOnNote } from "./trainedOn.ts";
import { isWeighted, weightedNote, weightedTask, withWeighted } from "./weighted.ts";

/** Evaluates one state of one model by what its index holds. */
export async function evaluateIndex(
  index: FolderIndex,
  state: ModelState,
  basis: Basis,
  options: EvaluateOptions,
  warn: (message: string) => void,
) {
  const { model } = await index.status();
  const { truth, roles, copies } = basis;
  const wanted = basis.paths.filter((path) => roles.queries.has(path) || roles.gallery.has(path));
  const rows = await loadRows(index, wanted, options.cropped ? truth.boxes : undefined, {
    signal: options.signal,
    onProgress: (done, total) => options.onProgress?.({ step: "embedding", model: model.name, done, total }),
  });
  const told = evaluatedName({ name: model.name, state });
  if (rows.excluded.length > 0) {
    warn(`${told}: images whose embedding has a branch of zeros or of no numbers, left out: ${listed(rows.excluded)}.`);
  }
  const missing = wanted.length - rows.paths.length - rows.excluded.length;
  if (missing > 0) warn(`${told}: ${count(missing, "image")} without an embedding, left out.`);
  const { task, names } = taskOf(rows, basis);
  const equal = await rankQueries(task, {
    signal: options.signal,
    onProgress: (done, total) => options.onProgress?.({ step: "ranking", model: model.name, done, total }),
  });
  const held = options.weights === "equal" ? null : await index.weights();
  const ranking = isWeighted(task, held) ? await searchedWith(held, equal) : equal;
  const classes = new Set(Array.from(task.gallery, (row) => task.classes[row])).size;
  const queries = Array.from(ranking.queries, (row) => rows.paths[row]!);
  const counts = { queries, lone: ranking.lone.length, gallery: task.gallery.length, classes };
  const base = index.manifest.training?.base ?? null;
  const trainedOn = await seenAmong(index, queries, truth.labels, options.signal);
  if (trainedOn !== null) warn(trainedOnNote(told, trainedOn, queries.length));
  const plain = { name: model.name, state, fingerprint: model.fingerprint, base, trainedOn };
  if (!hasFigure({ queries: queries.length, classes })) {
    const nothing = { descriptors: {}, differences: [], comparison: null, failures: [], classes: [], sizes: null };
    return { model: { ...plain, ...nothing }, figures: null, ...counts };
  }
  const ks = ksThatFit(roles.ks, task, warn);
  const figures = figuresOf(ranking, task, ks);
  return {
    model: {
      ...plain,
      descriptors: figures.descriptors,
      differences: withCombined(ranking, figures),
      comparison: compareBranches(ranking, task, names),
      failures: failuresOf(ranking, task, names),
      classes: classFigures(ranking, task, names),
      sizes: await compareSizes(index, ranking, { paths: rows.paths, classes: task.classes }, truth.boxes, warn),
    },
    figures,
    ...counts,
  };

  async function searchedWith(weights: SuggestedWeights, found: Ranking): Promise<Ranking> {
    warn(weightedNote(told, task.names, weights));
    const weighted = await rankQueries(weightedTask(task, weights), { signal: options.signal });
    return withWeighted(found, weighted, task.names);
  }

  function taskOf(loaded: LoadedRows, { paths: _all }: Basis): { task: RetrievalTask; names: RowNames } {
    const labels = [...new Set(truth.labels.values())].sort();
    const numbers = new Map(labels.map((label, i) => [label, i]));
    const rowsOf = (set: ReadonlySet<string>) =>
      Int32Array.from([...loaded.paths.keys()].filter((row) => set.has(loaded.paths[row]!)));
    return {
      task: {
        names: model.descriptors,
        dims: loaded.dims,
        count: loaded.paths.length,
        matrices: loaded.matrices,
        classes: Int32Array.from(loaded.paths, (path) => numbers.get(truth.labels.get(path) ?? "") ?? -1),
        queries: rowsOf(roles.queries),
        gallery: rowsOf(roles.gallery),
        copies:
          copies.groupOf.size === 0
            ? undefined
            : Int32Array.from(loaded.paths, (path) => copies.groupOf.get(path) ?? -1),
      },
      names: { paths: loaded.paths, labels },
    };
  }
}

/** A Recall@K over fewer images than K is 1 whatever the descriptors see. */
function ksThatFit(
  ks: readonly number[],
  { gallery, queries }: RetrievalTask,
  warn: (message: string) => void,
): number[] {
  const inside = new Set(gallery);
  const others = gallery.length - (queries.some((row) => inside.has(row)) ? 1 : 0);
  const fit = ks.filter((k) => k <= others);
  const left = ks.filter((k) => k > others).map((k) => `Recall@${k}`);
  if (left.length > 0) warn(`${left.join(", ")} left out: a query has ${count(others, "image")} to find among.`);
  return fit;
}

/** Combined against every other column, of the metrics that most is said of. */
function withCombined({ columns }: Ranking, figures: RankingFigures) {
  return columns.flatMap(({ key }) =>
    key === COMBINED || columns.length === 2 ? [] : differencesOf(figures, COMBINED, figures, key).filter(isTold),
  );
}

function isTold({ metric }: { readonly metric: string }): boolean {
  return metric === "recall@1" || metric === "map@r";
}

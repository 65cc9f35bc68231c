import { ColumnState } from "./columnState.ts";
import { columnsOf } from "./columns.ts";
import { Members } from "./members.ts";
import { scoreBlocks } from "./products.ts";
import { scanOf } from "./scan.ts";
import type { EvaluationOptions, Ranking, RetrievalTask } from "./task.ts";

/** Pairs whose scores go into the histograms, of queries spread over all. */
const HISTOGRAM_PAIRS = 2 ** 19;

/**
 * Ranks the gallery for every query, by every subset of the branches. Exact: all scores are looked at, block by block.
 * Queries without another image of their class in the gallery are left out and told apart.
 * @throws the signal's reason
 */
export async function rankQueries(task: RetrievalTask, options: EvaluationOptions = {}): Promise<Ranking> {
  const members = new Members(task);
  const asked = task.queries.filter((row) => task.classes[row]! >= 0);
  const queries = asked.filter((row) => members.relevant(row).length > 0);
  const columns = columnsOf(task.names);
  const states = columns.map((column) => new ColumnState(column, queries.length, members.largest, task.names.length));
  const scan = scanOf(columns, task.names.length);
  const ranks = states.map((state) => state.ranks);
  const kept: number[] = [];
  let anyCopies = false;
  const found = task.gallery.length;
  const step = Math.max(1, Math.floor((queries.length * found) / HISTOGRAM_PAIRS));
  for await (const block of scoreBlocks(task, queries, options)) {
    for (let i = 0; i < block.count; i++) {
      const q = block.start + i;
      const row = queries[q]!;
      const scores = block.scores.map((values) => values.subarray(i * found, (i + 1) * found));
      const relevant = members.relevant(row);
      const own = members.own(row);
      if (own >= 0) mask(scores, [own]);
      if (q % step === 0) for (const state of states) state.count(scores, relevant);
      for (const state of states) state.begin(scores, relevant);
      const copies = members.copies(row);
      const rightScores =
        copies.length === 0 ? [] : scores.map((values) => Float32Array.from(relevant, (position) => values[position]!));
      // Right images are in the columns now; the scan is to see the wrong ones only.
      mask(scores, relevant);
      scan(scores, ranks);
      for (const state of states) state.finish(q, task.gallery);

      anyCopies ||= copies.length > 0;
      const others = copies.length === 0 ? relevant : relevant.filter((position) => !copies.includes(position));
      if (others.length === 0) continue;
      if (copies.length > 0) {
        for (const [j, position] of relevant.entries()) {
          for (const [b, values] of scores.entries()) values[position] = rightScores[b]![j]!;
        }
        mask(scores, copies);
        for (const state of states) state.begin(scores, others);
        mask(scores, others);
        scan(scores, ranks);
      }
      for (const state of states) state.finishWithoutCopies(kept.length);
      kept.push(q);
    }
  }
  return {
    queries,
    lone: asked.filter((row) => members.relevant(row).length === 0),
    queriesWithoutCopies: anyCopies ? Int32Array.from(kept) : null,
    columns: states.map((state) => state.ranking(anyCopies ? kept.length : null)),
  };
}

function mask(scores: readonly Float32Array[], positions: Iterable<number>): void {
  for (const position of positions) for (const values of scores) values[position] = Number.NEGATIVE_INFINITY;
}

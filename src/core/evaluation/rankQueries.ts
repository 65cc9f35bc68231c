import { availableParallelism } from "node:os";
import { type BlockFound, BlockRanker } from "./blockRanker.ts";
import { FoundRanks } from "./foundRanks.ts";
import { Members } from "./members.ts";
import { blockMemory, scoreBlocks } from "./products.ts";
import { RankPool } from "./rankPool.ts";
import type { EvaluationOptions, Ranking, RankingFrame, RetrievalTask } from "./task.ts";

/** From so many pairs on, ranking in threads of its own is worth starting them. */
const PAIRS_FOR_THREADS = 2 ** 24;

/**
 * Ranks the gallery for every query, by every subset of the branches. Exact: all scores are looked at, block by block.
 * Queries without another image of their class in the gallery are left out and told apart.
 * @throws the signal's reason
 */
export async function rankQueries(task: RetrievalTask, options: EvaluationOptions = {}): Promise<Ranking> {
  const members = new Members(task);
  const asked = task.queries.filter((row) => task.classes[row]! >= 0);
  const queries = asked.filter((row) => members.count(row) > 0);
  const { names, count, classes, gallery, copies } = task;
  const frame: RankingFrame = { names, count, classes, gallery, copies, queries };
  const all = new FoundRanks(frame);
  const { threads = availableParallelism() > 1 && queries.length * gallery.length >= PAIRS_FOR_THREADS } = options;
  const found = (block: BlockFound) => all.add(block);
  if (threads) await rankInThreads(task, frame, found, options);
  else await rankHere(task, frame, members, found, options);
  return {
    queries,
    lone: asked.filter((row) => members.count(row) === 0),
    queriesWithoutCopies: all.withoutCopies,
    columns: all.columns(),
  };
}

async function rankHere(
  task: RetrievalTask,
  frame: RankingFrame,
  members: Members,
  found: (block: BlockFound) => void,
  options: EvaluationOptions,
): Promise<void> {
  const ranker = new BlockRanker(frame, members);
  const memory = blockMemory(task, frame.queries, 1);
  for await (const block of scoreBlocks(task, frame.queries, async () => memory, options)) found(ranker.rank(block));
}

async function rankInThreads(
  task: RetrievalTask,
  frame: RankingFrame,
  found: (block: BlockFound) => void,
  options: EvaluationOptions,
): Promise<void> {
  const pool = new RankPool(frame, (held) => blockMemory(task, frame.queries, held), found);
  try {
    for await (const block of scoreBlocks(task, frame.queries, () => pool.memory(), options)) pool.rank(block);
    await pool.drain();
  } finally {
    await pool.end();
  }
}

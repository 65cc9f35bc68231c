/** A worker thread that ranks blocks of scores. It loads no native module: terminating onnxruntime would abort the process. */
import { parentPort, workerData } from "node:worker_threads";
import { type BlockFound, BlockRanker, type ScoreBlock } from "./blockRanker.ts";
import type { RankingFrame } from "./task.ts";

/** The scores of the block go back as well: their memory is taken again. */
export interface RankReply {
  readonly found: BlockFound;
  readonly scores: readonly Float32Array[];
}

const port = parentPort;
if (port === null) throw new Error("rankWorker runs in a worker thread");
const ranker = new BlockRanker(workerData as RankingFrame);
port.on("message", (block: ScoreBlock) => {
  const reply: RankReply = { found: ranker.rank(block), scores: block.scores };
  port.postMessage(
    reply,
    block.scores.map(({ buffer }) => buffer as ArrayBuffer),
  );
});

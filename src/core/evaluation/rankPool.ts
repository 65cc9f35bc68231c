import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { BlockFound, ScoreBlock } from "./blockRanker.ts";
import type { RankReply } from "./rankWorker.ts";
import type { RankingFrame } from "./task.ts";

/** The sources run as they are; in the bundle every chunk lies one folder beside the worker's. */
const WORKER = import.meta.url.endsWith(".ts")
  ? new URL("./rankWorker.ts", import.meta.url)
  : new URL("../evaluation/rankWorker.mjs", import.meta.url);

/** Ranks take a part of the time of the products, which use all cores; and each worker holds a block's scores. */
const CORES_FOR_A_WORKER = 2;
const MOST_WORKERS = 4;

/**
 * Ranks blocks in worker threads while the next products are made: those use all cores only while they are multiplied. Memory for
 * scores goes round: it is taken, filled, given away with its block, and comes back.
 */
export class RankPool {
  readonly #workers: readonly { readonly worker: Worker; blocks: number }[];
  readonly #free: Float32Array[][] = [];
  readonly #found: (block: BlockFound) => void;
  #failure: Error | undefined;
  #wake = () => {};

  /**
   * @param memory makes room for the scores of a block, given how many such there will be
   * @param found called with each block that was ranked, in any order
   */
  constructor(frame: RankingFrame, memory: (held: number) => Float32Array[], found: (block: BlockFound) => void) {
    this.#found = found;
    const workers = Math.max(1, Math.min(MOST_WORKERS, Math.floor(availableParallelism() / CORES_FOR_A_WORKER)));
    this.#workers = Array.from({ length: workers }, () => {
      const each = { worker: new Worker(WORKER, { workerData: frame }), blocks: 0 };
      each.worker.on("message", ({ found: block, scores }: RankReply) => {
        each.blocks--;
        // The last block may have filled a part of its memory only.
        this.#free.push(scores.map(({ buffer }) => new Float32Array(buffer)));
        this.#found(block);
        this.#wake();
      });
      each.worker.on("error", (error: Error) => this.#fail(error.message, error));
      each.worker.on("exit", (code) => this.#fail(`its worker ended with code ${code}`));
      return each;
    });
    // One more than is being ranked: the next product is made meanwhile.
    const held = workers + 1;
    for (let i = 0; i < held; i++) this.#free.push(memory(held));
  }

  /** Memory of a block, as soon as there is some. @throws where a worker failed */
  async memory(): Promise<readonly Float32Array[]> {
    await this.#until(() => this.#free.length > 0);
    return this.#free.pop()!;
  }

  /** Has a block ranked, whose scores lie at the start of memory that was taken. */
  rank(block: ScoreBlock): void {
    const [least] = this.#workers.toSorted((a, b) => a.blocks - b.blocks);
    least!.blocks++;
    least!.worker.postMessage(
      block,
      block.scores.map(({ buffer }) => buffer as ArrayBuffer),
    );
  }

  /** Waits until all blocks are ranked. @throws where a worker failed */
  async drain(): Promise<void> {
    await this.#until(() => this.#workers.every(({ blocks }) => blocks === 0));
  }

  async end(): Promise<void> {
    this.#failure ??= new Error("The ranking has ended.");
    await Promise.all(this.#workers.map(({ worker }) => worker.terminate()));
  }

  async #until(reached: () => boolean): Promise<void> {
    while (this.#failure === undefined && !reached()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(why: string, cause?: Error): void {
    this.#failure ??= new Error(`The images could not be ranked: ${why}. Try again.`, { cause });
    this.#wake();
  }
}

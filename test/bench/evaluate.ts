/**
 * `npm run bench -- evaluate [images] [queries] [even|zipf]`: ranking every image for some of them, by all seven subsets of three
 * branches of 512 values, against the bare matrix products in the same run; 60,000 images in classes of five, as Stanford
 * Online Products has them, and 2,048 queries unless told. With `zipf` the classes hold from thousands of images down to one.
 * Prints the ratio and the memory. The exit code is 1 below the floor.
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type RetrievalTask, rankQueries } from "../../src/core/evaluation/index.ts";
import { productGraph } from "../../src/core/evaluation/products.ts";
import { clusteredVectors } from "../fixtures/clusteredVectors.ts";

const DIMS = [512, 512, 512];
/** Ratio to the products, and MB. */
const FLOORS = { ratio: 1.3, memory: 2000 } as const;
/** Queries of a product, as the evaluation takes them. */
const BLOCK = 256;
const ROUNDS = 3;

const [count = 60_000, queries = 2048] = process.argv.slice(2, 4).map(Number);
const sizes = process.argv[4] === "zipf" ? "zipf" : "even";
const { matrices, classes } = clusteredVectors({
  count,
  dims: DIMS,
  classes: Math.ceil(count / 5),
  seed: 3,
  spread: 1,
  sizes,
});
const rows = Int32Array.from({ length: count }, (_, row) => row);
const step = Math.floor(count / queries);
const asked = rows.filter((row) => row % step === 0).subarray(0, queries);
const task: RetrievalTask = {
  names: ["spoc", "mac", "gem"],
  dims: DIMS,
  count,
  matrices,
  classes,
  queries: asked,
  gallery: rows,
};

interface Spent {
  readonly wall: number;
  readonly cpu: number;
}

/** Seconds of both kinds. */
async function spent(work: () => Promise<unknown>): Promise<Spent> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
}

async function products(): Promise<Spent> {
  const session = await InferenceSession.create(productGraph(DIMS.length), { executionProviders: ["cpu"] });
  const memory = DIMS.map(() => new Float32Array(BLOCK * count));
  const whole = await spent(async () => {
    for (let start = 0; start < asked.length; start += BLOCK) {
      const n = Math.min(BLOCK, asked.length - start);
      const feeds: Record<string, Tensor> = {};
      const outputs: Record<string, Tensor> = {};
      for (const [b, dim] of DIMS.entries()) {
        const first = asked[start]!;
        const from = Math.min(first, count - n);
        feeds[`query_${b}`] = new Tensor("float32", matrices[b]!.subarray(from * dim, (from + n) * dim), [n, dim]);
        feeds[`gallery_${b}`] = new Tensor("float32", matrices[b]!, [count, dim]);
        outputs[`scores_${b}`] = new Tensor("float32", memory[b]!.subarray(0, n * count), [n, count]);
      }
      await session.run(feeds, outputs);
    }
  });
  await session.release();
  return whole;
}

let peak = 0;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss / 1e6);
}, 100);
const bare: Spent[] = [];
const whole: Spent[] = [];
// In turns, since other work on the machine slows both.
for (let round = 0; round < ROUNDS; round++) {
  bare.push(await products());
  whole.push(await spent(() => rankQueries(task)));
}
clearInterval(watch);
const least = (all: readonly Spent[], kind: keyof Spent) => Math.min(...all.map((each) => each[kind]));
const [wall, cpu] = [
  [least(bare, "wall"), least(whole, "wall")],
  [least(bare, "cpu"), least(whole, "cpu")],
] as const;
const ratio = wall[1] / wall[0];
console.log(
  [
    `${asked.length} queries against ${count} images, 3 x 512, all subsets, ${sizes} classes, best of ${ROUNDS}:`,
    `products ${wall[0].toFixed(1)} s, with all ranks ${wall[1].toFixed(1)} s: ${ratio.toFixed(2)} x (at most ${FLOORS.ratio})`,
    `CPU time ${cpu[0].toFixed(1)} s and ${cpu[1].toFixed(1)} s: ${(cpu[1] / cpu[0]).toFixed(2)} x on cores that do nothing else`,
    `memory at its highest ${peak.toFixed(0)} MB (at most ${FLOORS.memory})`,
  ].join("\n"),
);
if (ratio > FLOORS.ratio || peak > FLOORS.memory) process.exitCode = 1;

/**
 * `npm run bench -- model [folder] [--only=<part of a name>] [--rounds=9]`: how fast networks are on one core, and how near they come to what the core can do,
 * which is a bare matrix product of onnxruntime in the same process. With a folder, its images are the input, and
 * decoding is measured too. Then the recall of the default model on emoji: as it is, adapted, int8; with
 * `--only` just the networks whose names have that part. The figures go to out/bench/model.json as well; the exit code is 1 below a
 * floor.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import { ensureDefaultModel } from "../../scripts/buildModel.ts";
import { decodeForModel, findImages } from "../../src/core/images/index.ts";
import { readManifest } from "../../src/core/model/index.ts";
import { GraphBuilder } from "../../src/core/onnx/index.ts";
import type { InputSpec } from "../../src/shared/index.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { countFlops } from "./flops.ts";
import { type Contender, interleave, type Speed } from "./measure.ts";
import { printRecall, recallTable } from "./recall.ts";
import { randomResnet } from "./resnet.ts";
import { randomVit } from "./vit.ts";

/** Images per run. On one thread of a CPU it makes no difference. */
const BATCH = 4;
const ROUNDS = 9;
/** Least share of the bare matrix product's speed: depthwise convolutions have little to reuse, ordinary ones much. */
const FLOORS = { mobilenet: 0.8, resnet: 1, vit: 0.9 } as const;
/** What three branches on the tokens may add to a pass. */
const MOST_FOR_BRANCHES = 0.03;

const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  graphOptimizationLevel: "all",
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
};

interface Network {
  readonly name: string;
  readonly floor: number;
  readonly bytes: Uint8Array;
  readonly outputs: readonly string[];
}

/** 512 x 2048 times 2048 x 2048: large enough to be bound by arithmetic, small enough for the cache. */
async function matMul(): Promise<Contender> {
  const [m, k, n] = [512, 2048, 2048];
  const graph = new GraphBuilder("matmul");
  const product = graph.op(
    "MatMul",
    [graph.input("a", "float32", [m, k]), graph.input("b", "float32", [k, n])],
    {},
    "c",
  );
  graph.output(product, "float32", [m, n]);
  const session = await InferenceSession.create(graph.encode(), OPTIONS);
  const fill = (length: number) => Float32Array.from({ length }, (_, i) => ((i * 31) % 17) / 17);
  const feeds = { a: new Tensor("float32", fill(m * k), [m, k]), b: new Tensor("float32", fill(k * n), [k, n]) };
  return { name: "MatMul 512x2048x2048", flops: 2 * m * k * n, images: 0, run: () => session.run(feeds) };
}

async function contender({ name, bytes, outputs }: Network, pixels: Uint8Array, input: InputSpec): Promise<Contender> {
  const { width, height } = input;
  const image = new Tensor("uint8", pixels.subarray(0, width * height * 3), [1, height, width, 3]);
  const batch = new Tensor("uint8", pixels, [BATCH, height, width, 3]);
  const flops = BATCH * (await countFlops(bytes, { image }));
  const session = await InferenceSession.create(bytes, OPTIONS);
  return { name, flops, images: BATCH, run: () => session.run({ image: batch }, outputs) };
}

/** Uint8 `[BATCH, height, width, 3]` from the first images of a folder, and how many a CPU second decodes. */
async function fromFolder(folder: string, input: InputSpec): Promise<{ pixels: Uint8Array; perCpuSecond: number }> {
  const { images } = await findImages(folder);
  const some = images.slice(0, 64);
  const decoded: Uint8Array[] = [];
  const before = process.cpuUsage();
  for (const { path } of some) {
    const result = await decodeForModel(join(folder, path), input).catch(() => undefined);
    if (result !== undefined) decoded.push(result.pixels);
  }
  const { user, system } = process.cpuUsage(before);
  if (decoded.length === 0) throw new Error(`${folder} holds no image that can be decoded. Name a folder of images.`);
  const pixels = Buffer.concat(Array.from({ length: BATCH }, (_, i) => decoded[i % decoded.length]!));
  return { pixels, perCpuSecond: decoded.length / ((user + system) / 1e6) };
}

function madeUp({ width, height }: InputSpec): Uint8Array {
  return Uint8Array.from({ length: BATCH * width * height * 3 }, (_, i) => (i * 31 + (i >> 9) * 7) % 256);
}

function print(speeds: readonly Speed[], contenders: readonly Contender[], floors: readonly (number | null)[]): void {
  const line = (...cells: readonly string[]) =>
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(28) : cell.padStart(14))).join(""));
  line(
    "one thread, medians",
    "GFLOP/image",
    "images/s",
    "images/cpu-s",
    "GFLOP/s",
    "GFLOP/cpu-s",
    "of MatMul",
    "floor",
  );
  for (const [i, speed] of speeds.entries()) {
    const { flops, images } = contenders[i]!;
    line(
      speed.name,
      images === 0 ? "" : (flops / images / 1e9).toFixed(2),
      images === 0 ? "" : speed.imagesPerSecond.toFixed(1),
      images === 0 ? "" : speed.imagesPerCpuSecond.toFixed(1),
      speed.gflops.toFixed(1),
      speed.gflopsPerCpu.toFixed(1),
      `${(100 * speed.ratio).toFixed(0)} %`,
      floors[i] === null ? "" : `${(100 * floors[i]!).toFixed(0)} %`,
    );
  }
}

/** Of a pass over the tokens alone, in CPU time; undefined where they were not both measured. */
function costOfBranches(speeds: readonly Speed[]): number | undefined {
  const [bare, pooled] = ["vit-s/14, tokens alone", "vit-s/14, three branches"].map((name) =>
    speeds.find((speed) => speed.name === name),
  );
  if (bare === undefined || pooled === undefined) return undefined;
  return bare.imagesPerCpuSecond / pooled.imagesPerCpuSecond - 1;
}

async function emojiRecall() {
  const { folder: drawings } = await ensureEmoji({ classes: 150 });
  const table = await recallTable([{ folder: drawings, set: "150 emoji" }]);
  console.log();
  printRecall(table);
  return table;
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, rounds: { type: "string", default: String(ROUNDS) } },
});
const [given] = positionals;
const rounds = Number(flags.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`--rounds=${flags.rounds} is no number of rounds. Give a whole number from 1 on.`);
  process.exit(2);
}
// npm runs scripts in the project's folder; a relative path is meant from where the user typed it.
const folder = given === undefined ? undefined : resolve(process.env["INIT_CWD"] ?? ".", given);
if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
  console.error(`${folder} is not a folder. Name a folder of images.`);
  process.exit(2);
}
const modelFile = ensureDefaultModel();
const bytes = readFileSync(modelFile);
const { name, descriptors, input } = readManifest(bytes, modelFile);
const small = randomVit("vit-s/14");
const all: Network[] = [
  { name, floor: FLOORS.mobilenet, bytes, outputs: descriptors.map((branch) => branch.name) },
  { name: "resnet-18", floor: FLOORS.resnet, bytes: randomResnet("resnet-18"), outputs: ["spoc"] },
  { name: "resnet-50", floor: FLOORS.resnet, bytes: randomResnet("resnet-50"), outputs: ["spoc"] },
  { name: "vit-s/14, tokens alone", floor: FLOORS.vit, bytes: small, outputs: ["features"] },
  { name: "vit-s/14, three branches", floor: FLOORS.vit, bytes: small, outputs: ["spoc", "mac", "gem", "combined"] },
  {
    name: "vit-b/16, three branches",
    floor: FLOORS.vit,
    bytes: randomVit("vit-b/16"),
    outputs: ["spoc", "mac", "gem"],
  },
];
const networks = all.filter((network) => network.name.includes(flags.only ?? ""));
if (networks.length === 0) {
  console.error(`No network has "${flags.only}" in its name. There are: ${all.map((each) => each.name).join("; ")}.`);
  process.exit(2);
}
const images = folder === undefined ? undefined : await fromFolder(folder, input);
const pixels = images?.pixels ?? madeUp(input);

const contenders = [await matMul()];
for (const network of networks) contenders.push(await contender(network, pixels, input));
const speeds = await interleave(contenders, rounds);
const floors = [null, ...networks.map((network) => network.floor)];
print(speeds, contenders, floors);
if (images !== undefined) console.log(`decoding: ${images.perCpuSecond.toFixed(0)} images per CPU second`);

const branches = costOfBranches(speeds);
if (branches !== undefined) {
  const most = (100 * MOST_FOR_BRANCHES).toFixed(0);
  console.log(
    `three branches on the tokens of vit-s/14: ${(100 * branches).toFixed(1)} % of a pass (at most ${most} %)`,
  );
}

const recall = flags.only === undefined ? await emojiRecall() : [];

const below = speeds.filter(({ ratio }, i) => ratio < (floors[i] ?? 0));
const out = resolve(import.meta.dirname, "../../out/bench");
mkdirSync(out, { recursive: true });
const result = {
  time: new Date().toISOString(),
  cpu: cpus()[0]?.model ?? "unknown",
  onnxruntime: env.versions.node,
  batch: BATCH,
  rounds,
  models: speeds.map((speed, i) => ({
    ...speed,
    gflopPerImage: contenders[i]!.images === 0 ? null : contenders[i]!.flops / contenders[i]!.images / 1e9,
    floor: floors[i],
  })),
  recall: recall.map(({ model, column, scores }) => ({
    model,
    column,
    recallAt1: scores.recall[1],
    mapAtR: scores.mapAtR,
  })),
  branchesOfAPass: branches ?? null,
  decodedPerCpuSecond: images?.perCpuSecond ?? null,
};
writeFileSync(join(out, "model.json"), `${JSON.stringify(result, null, 2)}\n`);
for (const { name: slow, ratio } of below) console.error(`${slow} is below its floor: ${(100 * ratio).toFixed(0)} %.`);
const dear = (branches ?? 0) > MOST_FOR_BRANCHES;
if (dear) console.error(`Three branches cost ${(100 * (branches ?? 0)).toFixed(1)} % of a pass.`);
if (below.length > 0 || dear) process.exitCode = 1;

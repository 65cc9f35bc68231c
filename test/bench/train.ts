/**
 * `npm run bench -- train`: a step of the built-in trainer and of torch, one thread each, in turn. Head: batch 128, three
 * branches to 512 values. Full: a ResNet-50 end to end, batch 8 at 224, last downsampling removed, batch norm
 * folded on both sides. The figures go to out/bench/train.json as well; the exit code is 1 above a ceiling.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { PYTHON, whyNoTorch } from "../fixtures/torch/torch.ts";

const Answer = v.object({ seconds: v.number(), loss: v.number(), mebibytes: v.number() });
type Answer = v.InferOutput<typeof Answer>;

interface Side {
  /** Takes so many steps. */
  run(steps: number): Promise<Answer>;
  close(): void;
}

/** Starts a program that answers each line with a line. */
async function open(program: string, args: readonly string[]): Promise<Side> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program} ${args.join(" ")} ended early.`);
    return JSON.parse(value) as unknown;
  };
  await next();
  return {
    async run(steps) {
      child.stdin.write(`${steps}\n`);
      return v.parse(Answer, await next());
    },
    close: () => child.stdin.end(),
  };
}

interface Row {
  readonly mode: string;
  readonly torch: Answer;
  readonly ours: Answer;
  /** Of CPU time per step, medians of the rounds' ratios; and of the most memory. */
  readonly time: number;
  readonly memory: number;
}

async function compare(mode: "head" | "full", rounds: number, steps: number, folder: string): Promise<Row> {
  const torch = await open(PYTHON, [join(import.meta.dirname, "train.py"), mode, folder]);
  const ours = await open(process.execPath, [join(import.meta.dirname, "trainSteps.ts"), mode, folder]);
  const pairs: { torch: Answer; ours: Answer }[] = [];
  // The first round fills caches and sets up memory.
  for (let round = 0; round <= rounds; round++) {
    const pair = { torch: await torch.run(steps), ours: await ours.run(steps) };
    if (round > 0) pairs.push(pair);
  }
  torch.close();
  ours.close();
  const of = (side: "torch" | "ours"): Answer => ({
    seconds: median(pairs.map((pair) => pair[side].seconds)),
    loss: pairs.at(-1)![side].loss,
    mebibytes: pairs.at(-1)![side].mebibytes,
  });
  const [a, b] = [of("torch"), of("ours")];
  const time = median(pairs.map((pair) => pair.ours.seconds / pair.torch.seconds));
  return { mode, torch: a, ours: b, time, memory: b.mebibytes / a.mebibytes };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Most that a step may take, in parts of torch's. */
const CEILINGS = { head: { time: 1.25, memory: Number.POSITIVE_INFINITY }, full: { time: 1.1, memory: 1.5 } } as const;

const missing = whyNoTorch();
if (missing !== undefined) {
  console.error(`Nothing to compare with: ${missing}. On Debian: apt-get install python3-torch libopenblas0`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "lookalike-bench-"));
try {
  const rows = [await compare("head", 11, 8, folder), await compare("full", 3, 1, folder)];
  console.log("one thread, medians     torch s/step   ours s/step   ratio   ceiling   torch MiB   ours MiB   ratio");
  for (const { mode, torch, ours, time, memory } of rows) {
    const cells = [
      torch.seconds.toFixed(3).padStart(12),
      ours.seconds.toFixed(3).padStart(13),
      time.toFixed(2).padStart(7),
      CEILINGS[mode as keyof typeof CEILINGS].time.toFixed(2).padStart(9),
      torch.mebibytes.toFixed(0).padStart(11),
      ours.mebibytes.toFixed(0).padStart(10),
      memory.toFixed(2).padStart(7),
    ];
    console.log(`${mode.padEnd(24)}${cells.join(" ")}`);
    const ceiling = CEILINGS[mode as keyof typeof CEILINGS];
    if (time > ceiling.time || memory > ceiling.memory) process.exitCode = 1;
  }
  mkdirSync("out/bench", { recursive: true });
  writeFileSync("out/bench/train.json", JSON.stringify(rows, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

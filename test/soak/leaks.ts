/**
 * Cycles of everything that a window asks of its engine: index, search, a box, thumbnails, projection, labels, duplicates,
 * removal. Memory, open descriptors and threads of the engine are read after each one, and have to be flat after the tenth.
 * `npm run soak -- leaks [--cycles N]`, 200 where absent. Linux tells these figures.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import sharp from "sharp";
import { DEFAULT_PROJECTION } from "../../src/shared/index.ts";
import { type EngineProcess, startEngine } from "../fixtures/engineProcess.ts";
import { tinyModel } from "../fixtures/tinyModel.ts";

/** Enough for an adaptation, which takes 64. */
const IMAGES = 80;
/** Until then the engine loads and fills what it keeps. */
const WARM = 10;
/** A later quarter of the cycles may take so much more memory than an earlier one: the garbage collector takes its time. */
const SLACK = { share: 0.05, bytes: 8e6 };
/** Descriptors are closed at once; sessions, each with threads, go when the garbage collector finds them. */
const MORE = { descriptors: 0, threads: 8 };

interface Reading {
  readonly cycle: number;
  readonly memory: number;
  readonly descriptors: number;
  readonly threads: number;
}

function read(pid: number, cycle: number): Reading {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]);
  return {
    cycle,
    memory: field("VmRSS") * 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: field("Threads"),
  };
}

async function drawImages(folder: string): Promise<void> {
  const random = xoroshiro128plus(7);
  for (let i = 0; i < IMAGES; i++) {
    const path = join(folder, `class ${i % 8}`, `${i}.png`);
    mkdirSync(join(path, ".."), { recursive: true });
    const pixels = Buffer.from(Array.from({ length: 24 * 24 * 3 }, () => random.next() & 255));
    await sharp(pixels, { raw: { width: 24, height: 24, channels: 3 } })
      .png()
      .toFile(path);
  }
}

async function cycle({ ask }: EngineProcess, place: { folder: string; location: string; device: "cpu" }) {
  const { folder } = place;
  const image = (i: number) => join(folder, `class ${i % 8}`, `${i}.png`);
  await ask("folder/index", place);
  for (let i = 0; i < 5; i++) await ask("image/similar", { ...place, examples: [{ image: image(i), sign: 1 }], k: 20 });
  const box = { x: 0.1, y: 0.2, width: 0.5, height: 0.6 };
  await ask("image/similar", { ...place, examples: [{ image: image(6), sign: 1, box }], k: 20 });
  await ask("image/explain", { ...place, query: image(1), result: image(2) });
  for (let i = 0; i < 10; i++) await ask("image/thumbnail", { ...place, image: image(i), size: 32 });
  await ask("folder/duplicates", place);
  await ask("folder/labels", place);
  await ask("labels/facets", { ...place, from: null });
  const parameters = DEFAULT_PROJECTION;
  await ask("projection/run", { ...place, run: 1, parameters });
  await ask("projection/column", { ...place, parameters, column: { kind: "agreement", labels: null, k: 5 } });
  await ask("index/remove", place);
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** What is not flat, in words. */
function growth(readings: readonly Reading[]): string[] {
  const warm = readings.slice(WARM);
  const quarter = Math.ceil(warm.length / 4);
  const found: string[] = [];
  const [early, late] = [warm.slice(0, quarter), warm.slice(-quarter)].map((part) =>
    median(part.map(({ memory }) => memory)),
  ) as [number, number];
  if (late > early * (1 + SLACK.share) + SLACK.bytes)
    found.push(`memory: ${(early / 1e6).toFixed(0)} MB, then ${(late / 1e6).toFixed(0)} MB`);
  for (const kind of ["descriptors", "threads"] as const) {
    const [before, after] = [warm.slice(0, quarter), warm.slice(-quarter)].map((part) =>
      Math.min(...part.map((reading) => reading[kind])),
    ) as [number, number];
    if (after > before + MORE[kind]) found.push(`${kind}: ${before}, then ${after}`);
  }
  return found;
}

const { cycles: asked } = parseArgs({ options: { cycles: { type: "string", default: "200" } } }).values;
const cycles = Number(asked);
if (!Number.isInteger(cycles) || cycles < WARM + 8) throw new RangeError(`--cycles is a number from ${WARM + 8} on.`);
const root = mkdtempSync(join(tmpdir(), "lookalike-leaks-"));
const folder = join(root, "images");
mkdirSync(folder);
await drawImages(folder);
const model = join(root, "tiny.onnx");
writeFileSync(model, tinyModel("tiny", "SMG"));
const engine = startEngine(model, join(root, "data"));
const readings: Reading[] = [];
try {
  console.log("cycle  memory MB  descriptors  threads");
  for (let i = 1; i <= cycles; i++) {
    await cycle(engine, { folder, location: join(root, "indexes"), device: "cpu" });
    const reading = read(engine.child.pid!, i);
    readings.push(reading);
    const { memory, descriptors, threads } = reading;
    if (i <= 3 || i % Math.ceil(cycles / 20) === 0 || i === cycles) {
      const columns = [[i, 5] as const, [(memory / 1e6).toFixed(0), 11] as const, [descriptors, 13] as const];
      console.log(
        `${columns.map(([value, width]) => String(value).padStart(width)).join("")}${`${threads}`.padStart(9)}`,
      );
    }
  }
} finally {
  engine.kill();
  rmSync(root, { recursive: true, force: true });
}
const found = growth(readings);
console.log(found.length === 0 ? `flat after the ${WARM}th of ${cycles} cycles` : `not flat: ${found.join("; ")}`);
process.exitCode = found.length === 0 ? 0 : 1;

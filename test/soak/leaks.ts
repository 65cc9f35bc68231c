/**
 * Cycles of everything that a window asks of its engine: index, search, a box, thumbnails, projection, labels, duplicates,
 * removal. Memory, open descriptors and threads of the engine are read after each one, and have to be flat after the tenth.
 * `npm run soak -- leaks [--cycles N] [--leak BYTES]`, 200 cycles where absent; with a leak the engine loses so many bytes a cycle,
 * which has to be seen. Linux tells these figures.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DEFAULT_PROJECTION } from "../../src/shared/index.ts";
import { drawNoise } from "../fixtures/drawNoise.ts";
import { type EngineProcess, startEngine } from "../fixtures/engineProcess.ts";
import { growth, type Reading, readProcess, WARM } from "../fixtures/processGrowth.ts";
import { tinyModel } from "../fixtures/tinyModel.ts";

/** Enough for an adaptation, which takes 24. */
const IMAGES = 80;
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

const { cycles: asked, leak } = parseArgs({
  options: { cycles: { type: "string", default: "200" }, leak: { type: "string", default: "0" } },
}).values;
const cycles = Number(asked);
if (!Number.isInteger(cycles) || cycles < WARM + 8) throw new RangeError(`--cycles is a number from ${WARM + 8} on.`);
const root = mkdtempSync(join(tmpdir(), "lookalike-leaks-"));
const folder = join(root, "images");
mkdirSync(folder);
for (let i = 0; i < IMAGES; i++) await drawNoise(join(folder, `class ${i % 8}`, `${i}.png`), i + 1);
const model = join(root, "tiny.onnx");
writeFileSync(model, tinyModel("tiny", "SMG"));
const engine = startEngine(model, join(root, "data"), { measured: true, leak: Number(leak) });
const readings: Reading[] = [];
try {
  console.log("cycle  memory MB  held MB  descriptors  threads");
  for (let i = 1; i <= cycles; i++) {
    await cycle(engine, { folder, location: join(root, "indexes"), device: "cpu" });
    const reading = await readProcess(engine.child, i);
    readings.push(reading);
    const { memory, held, descriptors, threads } = reading;
    if (i <= 3 || i % Math.ceil(cycles / 20) === 0 || i === cycles) {
      const columns = [i, (memory / 1e6).toFixed(0), (held / 1e6).toFixed(0), descriptors, threads];
      console.log(columns.map((value, c) => String(value).padStart([5, 11, 9, 13, 9][c]!)).join(""));
    }
  }
} finally {
  engine.kill();
  rmSync(root, { recursive: true, force: true });
}
const found = growth(readings);
console.log(found.length === 0 ? `flat after the ${WARM}th of ${cycles} cycles` : `not flat: ${found.join("; ")}`);
process.exitCode = found.length === 0 ? 0 : 1;

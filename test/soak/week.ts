/**
 * A long week of one window: a folder changes all the time, is brought up to date, searched and shown; the index stays. Memory, open
 * descriptors and threads of the engine have to be flat after the tenth cycle of 5 updates, 100 searches and 20 thumbnails, and the
 * index has to hold what is there. `npm run soak -- week [--cycles N]`, 100 where absent. Linux tells these figures.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drawNoise } from "../fixtures/drawNoise.ts";
import { startEngine } from "../fixtures/engineProcess.ts";
import { like } from "../fixtures/like.ts";
import { growth, type Reading, readProcess, WARM } from "../fixtures/processGrowth.ts";
import { tinyModel } from "../fixtures/tinyModel.ts";

const IMAGES = 400;
/** Of a cycle. */
const UPDATES = 5;
/** After each update. */
const [SEARCHES, THUMBNAILS] = [20, 4];

const { cycles: asked } = parseArgs({ options: { cycles: { type: "string", default: "100" } } }).values;
const cycles = Number(asked);
if (!Number.isInteger(cycles) || cycles < WARM + 8) throw new RangeError(`--cycles is a number from ${WARM + 8} on.`);
const root = mkdtempSync(join(tmpdir(), "lookalike-week-"));
const folder = join(root, "images");
mkdirSync(folder);
let drawn = 0;
const draw = () => drawNoise(join(folder, `${drawn}.png`), ++drawn);
while (drawn < IMAGES) await draw();
const model = join(root, "tiny.onnx");
writeFileSync(model, tinyModel("tiny", "SMG"));
const { ask, child, kill } = startEngine(model, join(root, "data"), { measured: true });
const place = { folder, device: "cpu" } as const;
const readings: Reading[] = [];
let indexed = 0;
try {
  await ask("folder/index", place);
  for (let cycle = 1; cycle <= cycles; cycle++) {
    for (let update = 0; update < UPDATES; update++) {
      const before = readdirSync(folder);
      rmSync(join(folder, before[(cycle * 7 + update) % before.length]!));
      await draw();
      await ask("folder/index", place);
      const images = readdirSync(folder).map((name) => join(folder, name));
      const some = (count: number) =>
        Array.from({ length: count }, (_, i) => images[(cycle * 31 + update * 20 + i) % images.length]!);
      await Promise.all(some(SEARCHES).map((image) => ask("image/similar", { ...place, ...like(image, 50) })));
      await Promise.all(some(THUMBNAILS).map((image) => ask("image/thumbnail", { ...place, image, size: 128 })));
    }
    readings.push(await readProcess(child, cycle));
    if (cycle % Math.ceil(cycles / 20) === 0) console.log(JSON.stringify(readings.at(-1)));
  }
  ({ indexed } = await ask("folder/status", place));
} finally {
  kill();
  rmSync(root, { recursive: true, force: true });
}
const found = growth(readings);
if (indexed !== IMAGES) found.push(`${indexed} images in the index of a folder of ${IMAGES}`);
const done = [cycles * UPDATES * SEARCHES, cycles * UPDATES * THUMBNAILS, cycles * UPDATES].join(", ");
console.log(`searches, thumbnails, updates: ${done}`);
console.log(found.length === 0 ? `flat after the ${WARM}th of ${cycles} cycles` : `not flat: ${found.join("; ")}`);
process.exitCode = found.length === 0 ? 0 : 1;

/**
 * `npm run bench -- index [folder]`: indexing against its bound, which is bare sharp and bare onnxruntime on the same
 * images; the same with a model that takes no time, against decoding alone; a second pass over 100,000 unchanged files;
 * and how long the process that started the engine is held up meanwhile. Without a folder on made-up photographs. The
 * figures go to out/bench/index.json as well; the exit code is 1 below a floor.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import sharp from "sharp";
import { ensureDefaultModel } from "../../scripts/buildModel.ts";
import { tinyModel } from "../fixtures/tinyModel.ts";
import { measureDelay } from "./eventLoop.ts";
import { indexSpeed } from "./indexSpeed.ts";

/** So many that starting and ending do not count. */
const PHOTOGRAPHS = 360;
const FLOORS = { model: 0.9, tiny: 0.85, filesPerSecond: 20_000, growth: 50 } as const;

/** JPEGs of 3 megapixels, more or less like photographs: smooth areas, edges, grain. */
async function photographs(folder: string, count: number): Promise<void> {
  const random = xoroshiro128plus(9);
  for (let i = 0; i < count; i++) {
    const noise = Buffer.from(Array.from({ length: 40 * 30 * 3 }, () => random.next() & 255));
    await sharp(noise, { raw: { width: 40, height: 30, channels: 3 } })
      .resize(2000, 1500, { kernel: i % 2 === 0 ? "nearest" : "cubic" })
      .jpeg({ quality: 85 })
      .toFile(join(folder, `${i}.jpg`));
  }
}

interface SecondPass {
  readonly files: number;
  readonly filesPerSecond: number;
  /** MB of resident memory, at its highest, above that before. */
  readonly growth: number;
}

function secondPass(): SecondPass {
  const script = resolve(import.meta.dirname, "secondPass.ts");
  return JSON.parse(execFileSync(process.execPath, ["--expose-gc", script], { encoding: "utf8" })) as SecondPass;
}

const [given] = process.argv.slice(2);
// npm runs scripts in the project's folder; a relative path is meant from where the user typed it.
const named = given === undefined ? undefined : resolve(process.env["INIT_CWD"] ?? ".", given);
if (named !== undefined && !statSync(named, { throwIfNoEntry: false })?.isDirectory()) {
  console.error(`${named} is not a folder. Name a folder of images.`);
  process.exit(2);
}
const place = mkdtempSync(join(tmpdir(), "lookalike-bench-"));
try {
  const folder = named ?? join(place, "images");
  if (named === undefined) {
    mkdirSync(folder);
    await photographs(folder, PHOTOGRAPHS);
  }
  const tiny = join(place, "tiny.onnx");
  // Of the usual input size, so that decoding is what it is for any model.
  writeFileSync(tiny, tinyModel("tiny", "S", 224));
  const modelFile = ensureDefaultModel();
  const speeds = [
    await indexSpeed({ name: "default", modelFile, folder, floor: FLOORS.model, decodeOnly: false, place }),
    await indexSpeed({ name: "tiny", modelFile: tiny, folder, floor: FLOORS.tiny, decodeOnly: true, place }),
  ];
  for (const { name, decode, model, index, images, ratio, floor } of speeds) {
    const bound = name === "tiny" ? "decoding alone" : "decoding and the model alone";
    console.log(
      `${name}: ${images} images, ${(images / index).toFixed(1)} images/s; decoding ${decode.toFixed(2)} s, model ${model.toFixed(2)} s, ` +
        `indexing ${index.toFixed(2)} s: ${(100 * ratio).toFixed(0)} % of ${bound} (floor ${100 * floor} %)`,
    );
  }
  const pass = secondPass();
  console.log(
    `second pass: ${pass.files} unchanged files, ${pass.filesPerSecond.toFixed(0)} files/s (floor ${FLOORS.filesPerSecond}), ` +
      `memory +${pass.growth.toFixed(0)} MB (limit ${FLOORS.growth})`,
  );
  const delay = await measureDelay(folder, modelFile, place);
  console.log(
    `event loop of the host: idle p99 ${delay.idle.p99.toFixed(1)} ms, max ${delay.idle.max.toFixed(1)} ms; ` +
      `while indexing p99 ${delay.busy.p99.toFixed(1)} ms, max ${delay.busy.max.toFixed(1)} ms`,
  );
  const out = resolve(import.meta.dirname, "../../out/bench");
  mkdirSync(out, { recursive: true });
  const result = {
    time: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? "unknown",
    speeds,
    secondPass: pass,
    delay,
  };
  writeFileSync(join(out, "index.json"), `${JSON.stringify(result, null, 2)}\n`);
  const slow = speeds.some(({ ratio, floor }) => ratio < floor);
  if (slow || pass.filesPerSecond < FLOORS.filesPerSecond || pass.growth > FLOORS.growth) process.exitCode = 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}

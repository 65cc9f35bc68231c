/**
 * `npm run bench -- index [folder]`: indexing against its bound, which is bare sharp and bare onnxruntime on the same
 * images; the same with a model that takes no time, against decoding alone; a second pass over 100,000 unchanged files;
 * and how long the process that started the engine is held up meanwhile. Without a folder on made-up photographs. The
 * figures go to out/bench/index.json as well; the exit code is 1 below a floor.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import pMap from "p-map";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import sharp from "sharp";
import { ensureDefaultModel } from "../../scripts/buildModel.ts";
import { findImages } from "../../src/core/images/index.ts";
import { openSqliteStore } from "../../src/core/index/sqliteStore.ts";
import { updateStore } from "../../src/core/index/update.ts";
import { type Embedder, openEmbedder } from "../../src/core/runtime/index.ts";
import { tinyModel } from "../fixtures/tinyModel.ts";
import { measureDelay } from "./eventLoop.ts";

const ROUNDS = 5;
/** Images of a folder that are used, so that a large one does not take for ever. */
const MOST = 400;
const FLOORS = { model: 0.9, tiny: 0.85, filesPerSecond: 20_000, growth: 50 } as const;

interface Speed {
  readonly name: string;
  /** Seconds of decoding alone, of the model alone, and of indexing: the best of the rounds, which other work disturbs least. */
  readonly decode: number;
  readonly model: number;
  readonly index: number;
  readonly images: number;
  readonly ratio: number;
  readonly floor: number;
}

async function speedOf(name: string, modelFile: string, folder: string, floor: number, place: string): Promise<Speed> {
  const embedder = await openEmbedder(modelFile, { device: "cpu" });
  const { images: found } = await findImages(folder);
  const images = found.slice(0, MOST).map(({ path }) => path);
  const filter = { include: images.map((path) => path.replace(/[[\]{}()*?!+@\\]/g, "\\$&")) };
  const bytes = readFileSync(modelFile);
  const sessions = await Promise.all(
    [availableParallelism(), Math.max(1, availableParallelism() - 1)].map((intraOpNumThreads) =>
      InferenceSession.create(bytes, { graphOptimizationLevel: "all", intraOpNumThreads }),
    ),
  );
  const times = { decode: [] as number[], model: [] as number[], index: [] as number[] };
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    const { seconds: decode, pixels } = await decodeAll(folder, images, embedder);
    // With a thread for each core, or one left free: whichever is faster here.
    const model = Math.min(await runAll(sessions[0]!, pixels, embedder), await runAll(sessions[1]!, pixels, embedder));
    const store = openSqliteStore(
      join(place, `${name}-${round}.sqlite`),
      { folder, fingerprint: name, dim: embedder.dim },
      console.error,
    );
    const start = performance.now();
    const observer = { stored: async () => {}, dropped: async () => {} };
    const summary = await updateStore(
      folder,
      store,
      embedder,
      observer,
      images.length < found.length ? { filter } : {},
    );
    const index = (performance.now() - start) / 1000;
    await store.close();
    if (summary.indexed !== pixels.length)
      throw new Error(`${summary.indexed} of ${pixels.length} images were indexed.`);
    if (round === 0) continue;
    times.decode.push(decode);
    times.model.push(model);
    times.index.push(index);
  }
  for (const session of sessions) await session.release();
  await embedder.release();
  const [decode, model, index] = [times.decode, times.model, times.index].map((all) => Math.min(...all)) as [
    number,
    number,
    number,
  ];
  const bound = decode + (name === "tiny" ? 0 : model);
  return { name, decode, model, index, images: images.length, ratio: bound / index, floor };
}

/** Sharp alone, as fast as it goes, from file to the model's pixels. */
async function decodeAll(
  folder: string,
  images: readonly string[],
  { manifest }: Embedder,
): Promise<{ seconds: number; pixels: Buffer[] }> {
  const { width, height } = manifest.input;
  const start = performance.now();
  const decoded = await pMap(
    images,
    (path) =>
      sharp(join(folder, path))
        .autoOrient()
        .flatten({ background: "#fff" })
        .toColourspace("srgb")
        .resize(width, height, { fit: "fill" })
        .raw({ depth: "uchar" })
        .toBuffer()
        .catch(() => undefined),
    { concurrency: 2 * availableParallelism() },
  );
  const seconds = (performance.now() - start) / 1000;
  return { seconds, pixels: decoded.filter((pixels) => pixels !== undefined) };
}

/** onnxruntime alone, on all cores, in the batches that indexing uses. */
async function runAll(session: InferenceSession, pixels: readonly Buffer[], embedder: Embedder): Promise<number> {
  const { width, height } = embedder.manifest.input;
  const names = embedder.manifest.descriptors.map((branch) => branch.name);
  const size = embedder.deviceReport.batch;
  const start = performance.now();
  for (let i = 0; i < pixels.length; i += size) {
    const batch = pixels.slice(i, i + size);
    await session.run({ image: new Tensor("uint8", Buffer.concat(batch), [batch.length, height, width, 3]) }, names);
  }
  return (performance.now() - start) / 1000;
}

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
    await photographs(folder, 120);
  }
  const tiny = join(place, "tiny.onnx");
  // Of the usual input size, so that decoding is what it is for any model.
  writeFileSync(tiny, tinyModel("tiny", "S", 224));
  const modelFile = ensureDefaultModel();
  const speeds = [
    await speedOf("default", modelFile, folder, FLOORS.model, place),
    await speedOf("tiny", tiny, folder, FLOORS.tiny, place),
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

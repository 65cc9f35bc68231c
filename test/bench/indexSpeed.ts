/** Indexing against its bound: bare sharp and bare onnxruntime on the same images, as fast as they go on these cores. */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { extname, join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import pMap from "p-map";
import sharp from "sharp";
import { findImages } from "../../src/core/images/index.ts";
import { openSqliteStore } from "../../src/core/index/openSqliteStore.ts";
import { updateStore } from "../../src/core/index/update.ts";
import { type Embedder, openEmbedder } from "../../src/core/runtime/index.ts";
import { times } from "./timing.ts";

const CORES = availableParallelism();
const ROUNDS = 7;
/** Images of a folder that are used. */
const MOST = 400;

export interface IndexSpeed {
  readonly name: string;
  readonly images: number;
  /** Seconds of decoding alone, of the model alone, and of indexing: medians over the rounds. */
  readonly decode: number;
  readonly model: number;
  readonly index: number;
  /** Of the bound's time to that of indexing in the same round, the median. */
  readonly ratio: number;
  readonly floor: number;
}

interface SpeedOptions {
  readonly name: string;
  readonly modelFile: string;
  readonly folder: string;
  readonly floor: number;
  /** Whether the bound is decoding alone. */
  readonly decodeOnly: boolean;
  /** A folder for databases. */
  readonly place: string;
}

type Run = () => Promise<number>;

/**
 * Measures the bound and indexing in turn, in the other order every other round. Before that each of them runs once, and
 * the bound picks what is fastest here: how many images are decoded at once, and how many threads and images a run has.
 */
export async function indexSpeed(options: SpeedOptions): Promise<IndexSpeed> {
  const { name, modelFile, floor, decodeOnly, place } = options;
  const folder = await sample(options.folder, join(place, `${name}-images`));
  const embedder = await openEmbedder(modelFile, { device: "cpu" });
  const images = (await findImages(folder)).images.map(({ path }) => path);
  const pixels: Buffer[] = [];
  const decoders = [CORES, 2 * CORES].map(
    (concurrency): Run =>
      async () => {
        pixels.splice(0);
        return seconds(async () => void pixels.push(...(await decodeAll(folder, images, embedder, concurrency))));
      },
  );
  const decode = await fastest(decoders);
  const bytes = readFileSync(modelFile);
  const sessions = await Promise.all(
    [CORES, Math.max(1, CORES - 1)].map((intraOpNumThreads) =>
      InferenceSession.create(bytes, { graphOptimizationLevel: "all", intraOpNumThreads }),
    ),
  );
  const runs = sessions.flatMap((session) =>
    [...new Set([embedder.deviceReport.batch, 8])].map(
      (batch): Run =>
        () =>
          seconds(() => runAll(session, pixels, embedder, batch)),
    ),
  );
  const model = decodeOnly ? async () => 0 : await fastest(runs);
  let round = 0;
  const index = async () => {
    const file = join(place, `${name}-${round++}.sqlite`);
    const store = openSqliteStore(file, { folder, fingerprint: name, dim: embedder.dim }, console.error);
    const observer = { stored: async () => {}, dropped: async () => {} };
    const time = await seconds(async () => {
      const { indexed } = await updateStore(folder, store, embedder, observer, {});
      if (indexed !== pixels.length) throw new Error(`${indexed} of ${pixels.length} images were indexed.`);
    });
    await store.close();
    return time;
  };
  await index();
  const all = { decode: [] as number[], model: [] as number[], index: [] as number[], ratio: [] as number[] };
  for (let i = 0; i < ROUNDS; i++) {
    const before = i % 2 === 1 ? await index() : undefined;
    const d = await decode();
    const m = await model();
    const time = before ?? (await index());
    all.decode.push(d);
    all.model.push(m);
    all.index.push(time);
    all.ratio.push((d + m) / time);
  }
  for (const session of sessions) await session.release();
  await embedder.release();
  const median = (values: readonly number[]) => times(values).median;
  return {
    name,
    images: images.length,
    decode: median(all.decode),
    model: median(all.model),
    index: median(all.index),
    ratio: median(all.ratio),
    floor,
  };
}

/** A folder of the first images, so that a large one does not take for ever: itself, or copies. */
async function sample(folder: string, copies: string): Promise<string> {
  const { images } = await findImages(folder);
  if (images.length <= MOST) return folder;
  mkdirSync(copies);
  for (const [i, { path }] of images.slice(0, MOST).entries()) {
    copyFileSync(join(folder, path), join(copies, `${i}${extname(path)}`));
  }
  return copies;
}

async function fastest(runs: readonly Run[]): Promise<Run> {
  // The first run warms up.
  await runs[0]!();
  let best: { run: Run; time: number } | undefined;
  for (let i = 0; i < 2; i++) {
    for (const run of runs) {
      const time = await run();
      if (best === undefined || time < best.time) best = { run, time };
    }
  }
  return best!.run;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Sharp alone, from file to the model's pixels. */
async function decodeAll(
  folder: string,
  images: readonly string[],
  { manifest }: Embedder,
  concurrency: number,
): Promise<Buffer[]> {
  const { width, height } = manifest.input;
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
    { concurrency },
  );
  return decoded.filter((pixels) => pixels !== undefined);
}

/** onnxruntime alone. */
async function runAll(session: InferenceSession, pixels: readonly Buffer[], embedder: Embedder, size: number) {
  const { width, height } = embedder.manifest.input;
  const names = embedder.manifest.descriptors.map((branch) => branch.name);
  for (let i = 0; i < pixels.length; i += size) {
    const batch = pixels.slice(i, i + size);
    await session.run({ image: new Tensor("uint8", Buffer.concat(batch), [batch.length, height, width, 3]) }, names);
  }
}

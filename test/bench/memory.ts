/**
 * Bytes per image of each form in which embeddings are kept, and what float16 costs against float32. The figures go to
 * out/bench/memory.json too. `npm run bench -- memory [images]`.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { roundToFloat16 } from "../../src/core/index/float16.ts";
import { candidatesFolder, PastMemory } from "../../src/core/index/index.ts";
import { ExactSearch, Gallery } from "../../src/core/search/index.ts";
import { clusteredVectors } from "../fixtures/clusteredVectors.ts";
import { evaluateRetrieval } from "../fixtures/retrievalReference.ts";
import { BRANCHES, CLASSES, writeSyntheticIndex } from "./syntheticIndex.ts";
import { writeFigures } from "./timing.ts";

const K = 50;
const QUERIES = 200;
/** Recall@1 looks at all pairs. */
const LABELLED = 4000;

interface Bytes {
  readonly dim: number;
  readonly sqlite: number;
  readonly memory: number;
  readonly usearch: number;
}

/** Per image. */
async function bytesPerImage(count: number, dim: number): Promise<Bytes> {
  const folder = mkdtempSync(join(tmpdir(), "lookalike-bench-"));
  const file = join(folder, "index.sqlite");
  const dims = new Array<number>(BRANCHES).fill(dim);
  const search = await ExactSearch.create(BRANCHES);
  try {
    await writeSyntheticIndex(file, count, dim);
    const sqlite = statSync(file).size / count;
    const past = await PastMemory.open(file, dims, search, { warn: () => {}, tailRows: 1 });
    await past.build();
    await past.close();
    const segments = candidatesFolder(file);
    const sizes = readdirSync(segments).map((name) => statSync(join(segments, name)).size);
    const usearch = sizes.reduce((sum, size) => sum + size, 0) / count;
    return { dim, sqlite, memory: 4 * BRANCHES * dim, usearch };
  } finally {
    await search.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same vectors in float32 and rounded to float16: Recall@1 of classes, and how much of each list of 50 stays. */
async function costOfFloat16(count: number, dim: number) {
  const dims = new Array<number>(BRANCHES).fill(dim);
  const { matrices, classes } = clusteredVectors({ count, dims, classes: CLASSES, seed: 2 });
  const rounded = matrices.map((matrix) => {
    const copy = matrix.slice();
    roundToFloat16(copy);
    return copy;
  });
  // Classes lie one after the other: every so-manyth row is taken.
  const step = Math.max(1, Math.floor(count / LABELLED));
  const sampled = Array.from({ length: Math.min(count, LABELLED) }, (_, i) => String(classes[i * step]));
  const recallAt1 = (matrix: Float32Array) => {
    const embeddings = new Float32Array(sampled.length * dim);
    for (const i of sampled.keys()) embeddings.set(matrix.subarray(i * step * dim, (i * step + 1) * dim), i * dim);
    return evaluateRetrieval({ embeddings, dim, labels: sampled }, [1]).recall[1]!;
  };
  const galleries = [matrices, rounded].map((set) => {
    const gallery = new Gallery(dims);
    gallery.reserve(count);
    const row = new Float32Array(BRANCHES * dim);
    for (let i = 0; i < count; i++) {
      for (const [b, matrix] of set.entries()) row.set(matrix.subarray(i * dim, (i + 1) * dim), b * dim);
      gallery.set(String(i), row);
    }
    return gallery;
  });
  const search = await ExactSearch.create(BRANCHES);
  let kept = 0;
  for (let q = 0; q < QUERIES; q++) {
    const row = Math.floor((q * count) / QUERIES);
    const [full, half] = await Promise.all(
      galleries.map(async (gallery) => search.run(gallery.branches(row), gallery, K, { without: [row] })),
    );
    for (const [c, { top }] of half!.entries()) kept += top.filter((found) => full![c]!.top.includes(found)).length;
  }
  await search.release();
  const recall50 = kept / (QUERIES * K * (BRANCHES + 1));
  return { dim, recall50, recallAt1: { float32: recallAt1(matrices[0]!), float16: recallAt1(rounded[0]!) } };
}

const count = Number(process.argv[2] ?? 20_000);
const bytes: Bytes[] = [];
const float16: Awaited<ReturnType<typeof costOfFloat16>>[] = [];
for (const dim of [128, 512]) {
  const row = await bytesPerImage(count, dim);
  bytes.push(row);
  console.log(
    `${BRANCHES} x ${dim}, bytes per image: SQLite (float16, records) ${row.sqlite.toFixed(0)}, ` +
      `memory (float32) ${row.memory}, usearch (float16, graphs) ${row.usearch.toFixed(0)}; ` +
      `SQLite / memory ${(row.sqlite / row.memory).toFixed(2)}, usearch / memory ${(row.usearch / row.memory).toFixed(2)}`,
  );
  const cost = await costOfFloat16(count, dim);
  float16.push(cost);
  console.log(
    `  float16 against float32: ${(100 * cost.recall50).toFixed(2)} % of the lists of ${K} stay; Recall@1 ` +
      `${(100 * cost.recallAt1.float16).toFixed(2)} against ${(100 * cost.recallAt1.float32).toFixed(2)} %`,
  );
}
writeFigures("memory", { count, bytes, float16 });

/**
 * The search: from memory, against reading that memory once, over float32 and over codes of eight bits, against FAISS where Debian's
 * python3-faiss is there; past memory, against going through everything. The figures go to out/bench/search.json too.
 * `npm run bench -- search [rows on disk]`, `-- search codes [rows]` for the codes alone; every part runs in a process of its own.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PastMemory } from "../../src/core/index/index.ts";
import { openSqliteStore } from "../../src/core/index/openSqliteStore.ts";
import { ExactSearch, Gallery } from "../../src/core/search/index.ts";
import { type CoarseFigures, coarseFigures, coarseLine } from "./searchCoarse.ts";
import { faissFigures, faissLine } from "./searchFaiss.ts";
import { passOver } from "./searchPass.ts";
import { BRANCHES, syntheticIdentity, writeSyntheticIndex } from "./syntheticIndex.ts";
import { milliseconds, type Times, times, writeFigures } from "./timing.ts";

const SELF = fileURLToPath(import.meta.url);
const K = 50;
const QUERIES = 20;
const SHAPES = [
  [10_000, 512],
  [100_000, 512],
  [100_000, 128],
  [1_000_000, 128],
] as const;
const CODED = [100_000, 1_000_000];
const DISK_DIM = 128;
const DIMS = new Array<number>(BRANCHES).fill(DISK_DIM);
const quiet = { warn: () => {} };

interface InMemory {
  readonly count: number;
  readonly dim: number;
  readonly search: Times;
  /** One pass of onnxruntime's ReduceSum over the same matrices, with the same threads. */
  readonly sum: Times;
  /** Median over the rounds of search / sum. */
  readonly ratio: number;
}

interface OnDisk {
  readonly count: number;
  readonly rowsPerSecondWritten: number;
  readonly openMs: number;
  readonly buildSeconds: number;
  readonly buildPeakMb: number;
  readonly reopenMs: number;
  readonly search: Times;
  readonly searchPeakMb: number;
  /** Going through all rows. */
  readonly scan: Times;
  /** By column; the last one is combined. */
  readonly recall: readonly number[];
  readonly loadSeconds: number;
}

async function inMemory(count: number, dim: number): Promise<InMemory> {
  const dims = new Array<number>(BRANCHES).fill(dim);
  const gallery = new Gallery(dims);
  gallery.reserve(count);
  const row = new Float32Array(BRANCHES * dim);
  let state = 1;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < row.length; j++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      row[j] = state / 2 ** 31;
    }
    gallery.set(String(i), row);
  }
  const search = await ExactSearch.create(BRANCHES);
  const pass = await passOver(gallery);
  const rounds = Math.max(40, Math.min(200, 4_000_000 / count));
  const [searches, sums]: [number[], number[]] = [[], []];
  for (let i = -3; i < rounds; i++) {
    const own = (i + 3) % count;
    const query = gallery.branches(own);
    const searching = await milliseconds(() => search.run(query, gallery, K, { without: [own] }));
    const reading = await milliseconds(pass);
    if (i < 0) continue;
    searches.push(searching);
    sums.push(reading);
  }
  const ratio = times(searches.map((value, i) => value / sums[i]!)).median;
  return { count, dim, search: times(searches), sum: times(sums), ratio };
}

const peakMb = () => process.resourceUsage().maxRSS / 1024;
const openStore = (file: string) => openSqliteStore(file, syntheticIdentity(BRANCHES * DISK_DIM), quiet.warn);

async function build(file: string): Promise<Partial<OnDisk>> {
  const search = await ExactSearch.create(BRANCHES);
  const openMs = await milliseconds(async () => {
    const store = openStore(file);
    await store.count();
    await store.close();
  });
  const past = await PastMemory.open(file, DIMS, search, quiet);
  const buildSeconds = (await milliseconds(() => past.build())) / 1000;
  await past.close();
  return { openMs, buildSeconds, buildPeakMb: peakMb() };
}

async function searchOnDisk(file: string, count: number): Promise<Partial<OnDisk>> {
  const search = await ExactSearch.create(BRANCHES);
  let past!: PastMemory;
  const reopenMs = await milliseconds(async () => {
    const store = openStore(file);
    await store.count();
    past = await PastMemory.open(file, DIMS, search, quiet);
    past.coverage();
    await store.close();
  });
  const queries = await queriesOf(past, count);
  const run = (branches: Float32Array[]) => lists(past, search, branches);
  await run(queries[0]!);
  const found: string[][][] = [];
  const took: number[] = [];
  for (const query of queries) took.push(await milliseconds(async () => found.push(await run(query))));
  const searchPeakMb = peakMb();
  const scanning = await PastMemory.open(file, DIMS, search, { ...quiet, load: async () => null });
  const scans: number[] = [];
  const hits = new Array<number>(BRANCHES + 1).fill(0);
  for (const [i, query] of queries.entries()) {
    let truth: string[][] = [];
    scans.push(
      await milliseconds(async () => {
        truth = await lists(scanning, search, query);
      }),
    );
    for (const [c, list] of truth.entries()) hits[c]! += list.filter((path) => found[i]![c]!.includes(path)).length;
  }
  const recall = hits.map((hit) => hit / (K * queries.length));
  const loadSeconds = (await milliseconds(() => load(file))) / 1000;
  return { reopenMs, search: times(took), searchPeakMb, scan: times(scans), recall, loadSeconds };
}

async function queriesOf(past: PastMemory, count: number): Promise<Float32Array[][]> {
  return Array.from({ length: QUERIES }, (_, i) => {
    const row = (i * 48_271) % count;
    const embedding = past.embeddingOf(`folder-${row % 1000}/image-${row}.jpg`)!;
    return DIMS.map((dim, b) => embedding.slice(b * dim, (b + 1) * dim));
  });
}

async function lists(past: PastMemory, search: ExactSearch, branches: Float32Array[]): Promise<string[][]> {
  const gallery = await past.candidates({ branches, k: K });
  const result = await search.run(branches, gallery, K);
  return result.map(({ top }) => top.map((row) => gallery.pathOf(row)));
}

async function load(file: string): Promise<void> {
  const store = openStore(file);
  const gallery = new Gallery(DIMS);
  gallery.reserve(await store.count());
  for await (const { path, embedding } of store.embeddings()) gallery.set(path, embedding);
  await store.close();
}

function child<T>(...args: (string | number)[]): T {
  const stdout = execFileSync(process.execPath, [SELF, "--child", ...args.map(String)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(stdout) as T;
}

/** Over codes and float32, in one process. */
function inCodes(count: number): CoarseFigures {
  return withFile((file) => {
    child("write", file, count);
    return child<CoarseFigures>("codes", file, count);
  });
}

function withFile<T>(work: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "lookalike-bench-"));
  try {
    return work(join(folder, "index.sqlite"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function onDisk(count: number): OnDisk {
  return withFile((file) => {
    const rowsPerSecondWritten = child<number>("write", file, count);
    const parts = { ...child<Partial<OnDisk>>("build", file), ...child<Partial<OnDisk>>("search", file, count) };
    return { count, rowsPerSecondWritten, ...parts } as OnDisk;
  });
}

async function work([what, ...args]: string[]): Promise<unknown> {
  if (what === "memory") return inMemory(Number(args[0]), Number(args[1]));
  if (what === "codes") return coarseFigures(args[0]!, Number(args[1]), DISK_DIM, 40);
  if (what === "write") return writeSyntheticIndex(args[0]!, Number(args[1]), DISK_DIM);
  if (what === "build") return build(args[0]!);
  return searchOnDisk(args[0]!, Number(args[1]));
}

function coded(counts: readonly number[]) {
  return counts.map((count) => {
    const figures = inCodes(count);
    console.log(coarseLine(figures));
    const faiss = faissFigures(count, DISK_DIM, BRANCHES);
    console.log(faiss === null ? "FAISS: Debian's python3-faiss is not there" : faissLine(faiss));
    return { ...figures, faiss };
  });
}

function main(rows: number[]): void {
  const memory = SHAPES.map(([count, dim]) => {
    const figures = child<InMemory>("memory", count, dim);
    const { search, sum, ratio } = figures;
    console.log(
      `memory ${count} x ${BRANCHES} x ${dim}: search ${search.median.toFixed(1)} ms (p95 ${search.p95.toFixed(1)}), ` +
        `sum ${sum.median.toFixed(1)} ms, ratio ${ratio.toFixed(2)}`,
    );
    return figures;
  });
  const codes = coded(CODED);
  const disk = rows.map((count) => {
    const figures = onDisk(count);
    const { search, scan, recall } = figures;
    console.log(
      `disk ${count} x ${BRANCHES} x ${DISK_DIM}: opened in ${figures.openMs.toFixed(0)} ms, with segments ` +
        `${figures.reopenMs.toFixed(0)} ms; all into memory ${figures.loadSeconds.toFixed(1)} s; segments built in ` +
        `${figures.buildSeconds.toFixed(0)} s (peak ${figures.buildPeakMb.toFixed(0)} MB)\n` +
        `  search ${search.median.toFixed(1)} ms (p95 ${search.p95.toFixed(1)}, peak ${figures.searchPeakMb.toFixed(0)} MB), ` +
        `scan ${scan.median.toFixed(0)} ms (p95 ${scan.p95.toFixed(0)}), ratio ${(search.median / scan.median).toFixed(3)}; ` +
        `recall@${K} ${recall.map((value) => value.toFixed(4)).join(" ")}`,
    );
    return figures;
  });
  writeFigures("search", { memory, codes, disk });
}

const [first, ...rest] = process.argv.slice(2);
if (first === "--child") {
  // Threads that stay for the next search end with the process.
  process.stdout.write(JSON.stringify(await work(rest)), () => process.exit());
} else if (first === "codes") {
  writeFigures("searchCodes", coded(rest.length === 0 ? CODED : rest.map(Number)));
} else {
  main(first === undefined ? [100_000, 1_000_000] : [Number(first), ...rest.map(Number)]);
}

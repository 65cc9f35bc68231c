/** The search over codes of eight bits against that over float32 and against one pass over the latter, interleaved in one process. */
import { openSqliteStore } from "../../src/core/index/openSqliteStore.ts";
import {
  CoarseGallery,
  coarseBytes,
  coarseKernel,
  ExactSearch,
  Gallery,
  type SearchResult,
} from "../../src/core/search/index.ts";
import { passOver } from "./searchPass.ts";
import { BRANCHES, syntheticIdentity } from "./syntheticIndex.ts";
import { milliseconds, type Times, times } from "./timing.ts";

const K = 50;
/** Shares of a folder that holds weights of its own. */
const SHARES = [0.5, 0.2, 0.3];

export interface CoarseFigures {
  readonly count: number;
  readonly dim: number;
  /** Over the codes, with the exact scores of what may be in a list. */
  readonly coarse: Times;
  readonly exact: Times;
  readonly pass: Times;
  /** Medians over the rounds. */
  readonly coarseOfPass: number;
  readonly exactOfPass: number;
  /** CPU time of all threads, the same. */
  readonly coarseOfPassCpu: number;
  readonly exactOfPassCpu: number;
  /** A tenth of the folders: coarse against exact. */
  readonly filteredOfExact: number;
  /** Rows that were read from the store, a query, median. */
  readonly read: number;
  readonly loadSeconds: { readonly coarse: number; readonly exact: number };
  /** Bytes of vectors an image, of those of float32. */
  readonly memory: number;
}

export async function coarseFigures(file: string, count: number, dim: number, rounds: number): Promise<CoarseFigures> {
  const dims = new Array<number>(BRANCHES).fill(dim);
  const store = openSqliteStore(file, syntheticIdentity(BRANCHES * dim), () => {});
  const search = await ExactSearch.create(BRANCHES);
  const kernel = coarseKernel();
  if (kernel === null) throw new Error("This V8 has no SIMD, or npm run build was not run.");
  let read = 0;
  const coarse = new CoarseGallery(dims, kernel, search, (images) => {
    read += images.length;
    return store.embeddingsOf(images);
  });
  const whole = new Gallery(dims);
  const loadCoarse = await milliseconds(async () => {
    coarse.reserve(count);
    for await (const { path, embedding, key, mark } of store.embeddings()) coarse.set(path, embedding, key, mark);
  });
  const loadExact = await milliseconds(async () => {
    whole.reserve(count);
    for await (const { path, embedding } of store.embeddings()) whole.set(path, embedding);
  });
  const pass = await passOver(whole);
  const inTenth = (gallery: { pathOf(row: number): string }) => (row: number) =>
    gallery.pathOf(row).startsWith("folder-7");
  const overCodes = async (query: Float32Array[], filtered: boolean) => {
    const within = filtered ? inTenth(coarse) : undefined;
    const found = await coarse.candidates({ branches: query, k: K, shares: SHARES, within });
    const result = await search.run(query, found, K, { shares: SHARES, within: filtered ? inTenth(found) : undefined });
    return named(result, found);
  };
  const overAll = async (query: Float32Array[], filtered: boolean) => {
    const within = filtered ? inTenth(whole) : undefined;
    return named(await search.run(query, whole, K, { shares: SHARES, within }), whole);
  };
  const took: Record<"coarse" | "exact" | "pass" | "filtered" | "exactFiltered", Cost[]> = {
    ...{ coarse: [], exact: [], pass: [], filtered: [], exactFiltered: [] },
  };
  const reads: number[] = [];
  for (let i = -2; i < rounds; i++) {
    const query = whole.branches(((i + 2) * 48_271) % count);
    read = 0;
    const costs = {
      coarse: await cost(() => overCodes(query, false)),
      exact: await cost(() => overAll(query, false)),
      pass: await cost(pass),
    };
    if (costs.coarse.result !== costs.exact.result) throw new Error(`Query ${i}: over codes the lists are others.`);
    if (i < 0) continue;
    reads.push(read);
    for (const [name, value] of Object.entries(costs)) took[name as keyof typeof costs].push(value);
    if (i % 4 > 0) continue;
    const [filtered, exactFiltered] = [
      await cost(() => overCodes(query, true)),
      await cost(() => overAll(query, true)),
    ];
    if (filtered.result !== exactFiltered.result)
      throw new Error(`Query ${i}: over codes the filtered lists are others.`);
    took.filtered.push(filtered);
    took.exactFiltered.push(exactFiltered);
  }
  await coarse.close();
  await store.close();
  const clock = (name: keyof typeof took) => times(took[name].map(({ wall }) => wall));
  const ratio = (name: keyof typeof took, of: keyof typeof took, what: keyof Cost) =>
    times(took[name].map((value, i) => value[what] / took[of][i]![what])).median;
  return {
    ...{ count, dim, coarse: clock("coarse"), exact: clock("exact"), pass: clock("pass") },
    coarseOfPass: ratio("coarse", "pass", "wall"),
    exactOfPass: ratio("exact", "pass", "wall"),
    coarseOfPassCpu: ratio("coarse", "pass", "cpu"),
    exactOfPassCpu: ratio("exact", "pass", "cpu"),
    filteredOfExact: ratio("filtered", "exactFiltered", "wall"),
    read: times(reads).median,
    loadSeconds: { coarse: loadCoarse / 1000, exact: loadExact / 1000 },
    memory: coarseBytes(dims) / (4 * BRANCHES * dim),
  };
}

export function coarseLine(figures: CoarseFigures): string {
  const { count, dim, coarse, exact, pass, loadSeconds } = figures;
  const shown = (value: number) => value.toFixed(2);
  return (
    `codes ${count} x ${BRANCHES} x ${dim}: search ${coarse.median.toFixed(1)} ms (p95 ${coarse.p95.toFixed(1)}), over float32 ` +
    `${exact.median.toFixed(1)} ms, one pass ${pass.median.toFixed(1)} ms\n  of a pass ${shown(figures.coarseOfPass)} (float32 ` +
    `${shown(figures.exactOfPass)}), in CPU time ${shown(figures.coarseOfPassCpu)} (${shown(figures.exactOfPassCpu)}); filtered ` +
    `${shown(figures.filteredOfExact)} of float32; ${figures.read} rows read; loaded in ${loadSeconds.coarse.toFixed(1)} s ` +
    `(${loadSeconds.exact.toFixed(1)}); memory ${shown(figures.memory)} of float32`
  );
}

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

async function cost<T>(work: () => Promise<T>): Promise<Cost & { readonly result: T }> {
  const before = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000, result };
}

/** Every list with its scores, as text. */
function named(result: SearchResult, gallery: Gallery): string {
  return result
    .map(({ top, scores }) => top.map((row) => `${gallery.pathOf(row)} ${scores[row]}`).join("\n"))
    .join("\n\n");
}

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { roundToFloat16 } from "../../../src/core/index/float16.ts";
import { candidatesFolder, PastMemory } from "../../../src/core/index/index.ts";
import { openSqliteStore } from "../../../src/core/index/openSqliteStore.ts";
import type { EmbeddedImage, Store } from "../../../src/core/index/store.ts";
import { ExactSearch } from "../../../src/core/search/index.ts";
import { clusteredVectors } from "../../fixtures/clusteredVectors.ts";

const COUNT = 3000;
const DIMS = [32, 24, 16];
const DIM = 72;
/** The branches, and combined. */
const COLUMNS = 4;
const K = 20;
const CHILD = fileURLToPath(new URL("./candidatesChild.ts", import.meta.url));
const SHARES = [
  [1 / 3, 1 / 3, 1 / 3],
  [0.8, 0.15, 0.05],
];
const { matrices } = clusteredVectors({ count: COUNT, dims: DIMS, classes: 20, seed: 5 });

let folder: string;
let place: string;
let store: Store;
let search: ExactSearch;
let open: PastMemory[];
/** What the database should hold. */
let expected: Map<string, Float32Array>;

beforeAll(async () => {
  search = await ExactSearch.create(DIMS.length);
});
afterAll(() => search.release());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-candidates-"));
  place = join(folder, "abc.sqlite");
  open = [];
  await makeStore();
});
afterEach(async () => {
  for (const past of open) await past.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function makeStore(): Promise<void> {
  store = openSqliteStore(place, { folder: "/photos", fingerprint: "abc", dim: DIM }, () => {});
  expected = new Map();
  await put(Array.from({ length: COUNT }, (_, row) => [pathOf(row), vector(row)]));
}

const pathOf = (row: number) => `${row % 7}/${row}.png`;

function vector(row: number): Float32Array {
  const joined = matrices.flatMap((matrix, b) => [...matrix.subarray(row * DIMS[b]!, (row + 1) * DIMS[b]!)]);
  return Float32Array.from(joined);
}

async function put(rows: readonly [string, Float32Array][]): Promise<void> {
  const images = rows.map(([path, embedding]): EmbeddedImage => {
    roundToFloat16(embedding);
    expected.set(path, embedding);
    return {
      image: { path, mtimeMs: 1, ctimeMs: 1, size: 1, hash: new Uint8Array(32), width: 1, height: 1 },
      embedding,
    };
  });
  await store.put(images);
}

async function remove(paths: readonly string[]): Promise<void> {
  await store.remove(paths.map((path) => ({ path, mtimeMs: 1, ctimeMs: 1, size: 1 })));
  for (const path of paths) expected.delete(path);
}

async function pastMemory(options: Partial<Parameters<typeof PastMemory.open>[3]> = {}): Promise<PastMemory> {
  const past = await PastMemory.open(place, DIMS, search, {
    warn: () => {},
    segmentRows: 500,
    tailRows: 100,
    candidates: (k) => 3 * k,
    ...options,
  });
  open.push(past);
  return past;
}

const branches = new WeakMap<Float32Array, Float32Array[]>();

function branchesOf(embedding: Float32Array): Float32Array[] {
  const known = branches.get(embedding);
  if (known !== undefined) return known;
  let offset = 0;
  const made = DIMS.map((dim) => {
    offset += dim;
    const branch = embedding.slice(offset - dim, offset);
    const norm = Math.hypot(...branch);
    return branch.map((value) => value / norm);
  });
  branches.set(embedding, made);
  return made;
}

/** The best `K` of each column in plain float64 over everything that the database should hold. */
function exact(
  query: readonly Float32Array[],
  shares: readonly number[],
  under = "",
  accepts: (path: string) => boolean = () => true,
): string[][] {
  const scores = [...expected]
    .filter(([path]) => path.startsWith(under) && accepts(path))
    .map(([path, embedding]) => {
      const cosines = branchesOf(embedding).map((branch, b) => {
        let sum = 0;
        for (let i = 0; i < branch.length; i++) sum += branch[i]! * query[b]![i]!;
        return sum;
      });
      return { path, columns: [...cosines, cosines.reduce((sum, cosine, b) => sum + shares[b]! * cosine, 0)] };
    });
  return [...DIMS, 0].map((_, c) =>
    [...scores]
      .sort((a, b) => b.columns[c]! - a.columns[c]!)
      .slice(0, K)
      .map(({ path }) => path),
  );
}

async function found(past: PastMemory, branches: readonly Float32Array[], shares: readonly number[], under?: string) {
  const gallery = await past.candidates({ branches, k: K, shares }, under);
  const result = await search.run(branches, gallery, K, { shares });
  return result.map(({ top }) => top.map((row) => gallery.pathOf(row)));
}

/** Share of the exact lists that is found, per column, over queries; the lowest of the columns. */
async function recall(past: PastMemory): Promise<number> {
  const paths = [...expected.keys()].filter((_, i) => i % 193 === 0);
  const hits = new Array<number>(DIMS.length + 1).fill(0);
  let lists = 0;
  for (const shares of SHARES) {
    for (const path of paths) {
      const query = branchesOf(expected.get(path)!);
      const truth = exact(query, shares);
      const lists_ = await found(past, query, shares);
      for (const [c, list] of lists_.entries()) hits[c]! += list.filter((item) => truth[c]!.includes(item)).length;
      lists++;
    }
  }
  return Math.min(...hits.map((hit) => hit / (K * lists)));
}

const files = (ending: string) => readdirSync(candidatesFolder(place)).filter((name) => name.endsWith(ending));

test("without segments everything is scanned: every list is the exact one", async () => {
  const warnings: string[] = [];
  const past = await pastMemory({ load: async () => null, warn: (message) => warnings.push(message) });
  await past.build();
  expect(past.coverage()).toEqual({ rows: COUNT, covered: 0 });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(place);
  expect(await recall(past)).toBe(1);
});

test("segments find at least 98 % of each list, weighted ones too, and few images are looked at", async () => {
  const past = await pastMemory();
  await past.build();
  expect(past.coverage()).toEqual({ rows: COUNT, covered: COUNT });
  expect(files(".usearch")).toHaveLength(COLUMNS * 6);
  expect(await recall(past)).toBeGreaterThanOrEqual(0.98);
  const few = await past.candidates({ branches: branchesOf(vector(1)), k: K, shares: SHARES[0] });
  expect(few.count).toBeLessThanOrEqual(COLUMNS * 3 * K);
  // Read again by another process.
  const other = await pastMemory();
  expect(await recall(other)).toBeGreaterThanOrEqual(0.98);
  expect(other.coverage().covered).toBe(COUNT);
});

test("a list of one folder is exact", async () => {
  const past = await pastMemory();
  await past.build();
  const query = branchesOf(expected.get(pathOf(8))!);
  expect(await found(past, query, SHARES[1]!, "3")).toEqual(exact(query, SHARES[1]!, "3/"));
});

test("a list of some images only is exact, in a folder or everywhere", async () => {
  const past = await pastMemory();
  await past.build();
  const query = branchesOf(expected.get(pathOf(8))!);
  const accepts = (path: string) => Number(/\d+/.exec(path)![0]) % 5 === 3;
  for (const under of [undefined, "3"]) {
    const gallery = await past.candidates({ branches: query, k: K, shares: SHARES[1]! }, under, accepts);
    const names = Array.from({ length: gallery.count }, (_, row) => gallery.pathOf(row));
    expect(names.every(accepts)).toBe(true);
    const result = await search.run(query, gallery, K, { shares: SHARES[1]! });
    const found_ = result.map(({ top }) => top.map((row) => gallery.pathOf(row)));
    expect(found_).toEqual(exact(query, SHARES[1]!, under === undefined ? "" : "3/", accepts));
  }
});

test("what changed, came or went is seen at once, whatever the segments hold, and they follow", async () => {
  const past = await pastMemory();
  await past.build();
  // A hundred images get the embeddings of others; half a segment goes; one comes.
  await put(Array.from({ length: 99 }, (_, i) => [pathOf(i), vector(2000 + i)]));
  await remove(Array.from({ length: 250 }, (_, i) => pathOf(500 + i)));
  await put([["new.png", vector(600)]]);
  expect(await recall(past)).toBeGreaterThanOrEqual(0.98);
  const [spoc] = await found(past, branchesOf(expected.get("new.png")!), SHARES[0]!);
  expect(spoc).toContain("new.png");
  for (const path of spoc!) expect(expected.has(path)).toBe(true);

  const before = new Set(files(".usearch"));
  await past.build();
  const after = files(".usearch");
  expect(past.coverage()).toEqual({ rows: 2751, covered: 2751 });
  // The segment that lost half of its rows and the last one, which grew, are new; the others are not.
  expect(after.filter((name) => before.has(name)).length).toBeGreaterThanOrEqual(COLUMNS * 4);
  expect(await recall(past)).toBeGreaterThanOrEqual(0.98);
});

test("a build that is killed leaves what it had finished, and the next one goes on", async () => {
  const run = spawnSync(process.execPath, [CHILD, place, DIMS.join(), "1300"], { encoding: "utf8" });
  expect(run.signal, run.stderr).toBe("SIGKILL");
  const past = await pastMemory();
  expect(await recall(past)).toBeGreaterThanOrEqual(0.98);
  expect(past.coverage().covered).toBe(1000);
  await past.build();
  expect(past.coverage().covered).toBe(COUNT);
  expect(files(".part")).toEqual([]);
  expect(files(".usearch")).toHaveLength(COLUMNS * 6);
});

test("a file that is not whole does not count, nor does what comes after it", async () => {
  await (await pastMemory()).build();
  const name = files(".usearch").sort()[0]!;
  const file = join(candidatesFolder(place), name);
  truncateSync(file, statSync(file).size - 100);
  const past = await pastMemory();
  expect(await recall(past)).toBeGreaterThanOrEqual(0.98);
  expect(past.coverage().covered).toBeLessThan(COUNT);
  await past.build();
  expect(past.coverage().covered).toBe(COUNT);
  expect(files(".usearch")).not.toContain(name);
});

test("a segment with a damaged byte never comes to native code, and is built again", async () => {
  await (await pastMemory()).build();
  const name = files(".usearch").sort()[0]!;
  const file = join(candidatesFolder(place), name);
  const bytes = readFileSync(file);
  bytes[Math.floor(bytes.length / 2)]! ^= 4;
  writeFileSync(file, bytes);
  const past = await pastMemory();
  await found(past, branchesOf(vector(1)), SHARES[0]!);
  expect(past.coverage().covered).toBeLessThan(COUNT);
  await past.build();
  expect(past.coverage().covered).toBe(COUNT);
  expect(files(".usearch")).not.toContain(name);
});

test("a segment that somebody made, with the right checksum, never comes to native code either", async () => {
  await (await pastMemory()).build();
  const list = join(candidatesFolder(place), "manifest.json");
  const manifest = JSON.parse(readFileSync(list, "utf8"));
  const [first] = manifest.segments[0].files;
  const file = join(candidatesFolder(place), first.name);
  const bytes = readFileSync(file);
  // The last node's last link.
  bytes.writeUInt32LE(0xfffffff0, bytes.length - 4 * 32);
  writeFileSync(file, bytes);
  first.crc = crc32(bytes);
  writeFileSync(list, JSON.stringify(manifest));
  const past = await pastMemory();
  await found(past, branchesOf(vector(1)), SHARES[0]!);
  expect(past.coverage().covered).toBe(0);
  await past.build();
  expect(past.coverage().covered).toBe(COUNT);
  expect(files(".usearch")).not.toContain(first.name);
});

test("segments of an index that was deleted say nothing about the next one", async () => {
  const first = await pastMemory();
  await first.build();
  await first.close();
  open = [];
  await store.close();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(place + suffix, { force: true });
  await makeStore();
  const past = await pastMemory();
  await found(past, branchesOf(vector(1)), SHARES[0]!);
  expect(past.coverage()).toEqual({ rows: COUNT, covered: 0 });
  expect(await recall(past)).toBe(1);
});

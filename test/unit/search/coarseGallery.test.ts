import { afterAll, expect, test } from "vitest";
import { Random } from "../../../src/core/neighbours/random.ts";
import { ExactSearch, normalise } from "../../../src/core/search/index.ts";
import { CoarsePair } from "../../fixtures/coarsePair.ts";

const searches = new Map<number, Promise<ExactSearch>>();
const pairs: CoarsePair[] = [];
afterAll(async () => {
  for (const { coarse } of pairs) await coarse.close();
  for (const search of searches.values()) await (await search).release();
});

async function pairOf(dims: readonly number[], segmentBytes?: number): Promise<CoarsePair> {
  const branches = dims.length;
  if (!searches.has(branches)) searches.set(branches, ExactSearch.create(branches));
  const pair = new CoarsePair(dims, (await searches.get(branches))!, segmentBytes);
  pairs.push(pair);
  return pair;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Rows of every kind: even ones, ones of few kinds, copies, zeros, with one large value, tiny ones, of few values. */
function rowOf(random: Random, dims: readonly number[], i: number, before: readonly Float32Array[]): Float32Array {
  const row = Float32Array.from({ length: sum(dims) }, () => random.unit() - 0.5);
  switch (i % 9) {
    case 1:
      return row.map((value, j) => value * 0.05 + Math.sin(j + (i % 4)));
    case 2:
      return before[Math.floor(random.unit() * before.length)]?.slice() ?? row;
    case 3:
      return row.map((value, j) => (j < dims[0]! ? 0 : value));
    case 4:
      row[Math.floor(random.unit() * row.length)] = 30;
      return row;
    case 5:
      return row.map((value) => value * 1e-5);
    case 6:
      return row.map((value) => Math.round(value * 4) / 4);
    case 7:
      return i % 2 === 0 ? row.fill(0) : row;
    default:
      return row;
  }
}

function queryOf(random: Random, dims: readonly number[], own: readonly Float32Array[] | null): Float32Array[] {
  return dims.map((dim, b) => {
    const values = Float32Array.from({ length: dim }, () => random.unit() - 0.5);
    if (own !== null) return own[b]!.slice();
    normalise(values);
    return values;
  });
}

test.each([
  [[128, 128, 128], 3000],
  [[24, 7, 33], 1200],
  [[1], 300],
  [[20], 1000],
  [[3, 5, 16, 17, 31, 40, 2, 64], 700],
  [[513, 2048], 260],
] as const)("gives the lists of the whole gallery, bit for bit: branches of %s values", async (dims, count) => {
  const pair = await pairOf(dims);
  const random = new Random(count);
  const rows: Float32Array[] = [];
  for (let i = 0; i < count; i++) {
    rows.push(rowOf(random, dims, i, rows));
    pair.set(`${i % 5}/${i}.png`, rows.at(-1)!);
  }
  for (let round = 0; round < 16; round++) {
    const own = round % 2 === 0 ? pair.whole.branches(Math.floor(random.unit() * count)) : null;
    const query = queryOf(random, dims, own);
    if (round === 7) query[0]!.fill(0);
    const weights = dims.map(() => (round % 3 === 0 ? 1 : random.unit() < 0.3 ? 0 : random.unit() ** 6 * 1e3));
    const shares = sum(weights) === 0 ? undefined : weights.map((weight) => weight / sum(weights));
    const k = [1, 10, 50, count + 7][round % 4]!;
    const accepts = [
      undefined,
      (path: string) => path.startsWith("3/"),
      (path: string) => path.endsWith("17.png"),
      (path: string) => !path.endsWith("8.png"),
      () => false,
    ][round % 5];
    const { coarse, whole } = await pair.lists(query, k, shares, accepts);
    expect(coarse).toEqual(whole);
  }
});

test("of copies the first ones are found, also where they are more than are scored at once", async () => {
  const dims = [16, 8];
  const pair = await pairOf(dims);
  const random = new Random(1);
  const same = rowOf(random, dims, 0, []);
  for (let i = 0; i < 9000; i++) pair.set(`${i}.png`, i % 10 === 0 ? rowOf(random, dims, 0, []) : same);
  const query = pair.whole.branches(1);
  const { coarse, whole } = await pair.lists(query, 20);
  expect(coarse).toEqual(whole);
  expect(
    coarse
      .at(-1)!
      .slice(0, 3)
      .map(({ path }) => path),
  ).toEqual(["1.png", "2.png", "3.png"]);
});

test("goes through several segments, while rows come, change and go", async () => {
  const dims = [12, 20];
  // So small that a segment has as few rows as it may.
  const pair = await pairOf(dims, 1);
  const random = new Random(2);
  const paths: string[] = [];
  for (let i = 0; i < 13_000; i++) {
    paths.push(`${i}.png`);
    pair.set(paths.at(-1)!, rowOf(random, dims, 0, []));
  }
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 300; i++) {
      const path = paths[Math.floor(random.unit() * paths.length)]!;
      if (i % 3 === 0) pair.delete(path);
      else pair.set(path, rowOf(random, dims, 0, []));
    }
    const accepts = round % 2 === 0 ? undefined : (path: string) => path.includes("7");
    const { coarse, whole } = await pair.lists(queryOf(random, dims, null), 30, [0.2, 0.8], accepts);
    expect(coarse).toEqual(whole);
  }
});

test("reads little more than what is in the lists", async () => {
  const dims = [64, 64];
  const pair = await pairOf(dims);
  const random = new Random(3);
  for (let i = 0; i < 20_000; i++) pair.set(`${i}.png`, rowOf(random, dims, 0, []));
  pair.read = 0;
  await pair.lists(queryOf(random, dims, null), 50);
  expect(pair.read).toBeGreaterThanOrEqual(50);
  expect(pair.read).toBeLessThan(600);
});

test("what the store has changed meanwhile is taken over, and nothing is found that is no more", async () => {
  const dims = [16, 16];
  const pair = await pairOf(dims);
  const random = new Random(4);
  for (let i = 0; i < 500; i++) pair.set(`${i}.png`, rowOf(random, dims, 0, []));
  const query = pair.whole.branches(42);
  const elsewhere = rowOf(random, dims, 0, []);
  pair.store("42.png", elsewhere);
  pair.whole.set("42.png", elsewhere);
  const best = (await pair.lists(query, 5)).whole.at(-1)![0]!.path;
  pair.stored.delete(best);
  pair.whole.delete(best);
  const { coarse, whole } = await pair.lists(query, 5);
  expect(coarse).toEqual(whole);
  expect(pair.coarse.count).toBe(499);
  expect(pair.coarse.rowOf(best)).toBeUndefined();
});

test("a row that is no number is in no list, as in the whole gallery", async () => {
  const dims = [8, 8];
  const pair = await pairOf(dims);
  const random = new Random(5);
  for (let i = 0; i < 100; i++) {
    const row = rowOf(random, dims, 0, []);
    if (i % 10 === 0) row[3] = [Number.NaN, Number.POSITIVE_INFINITY][(i / 10) % 2]!;
    pair.set(`${i}.png`, row);
  }
  const { coarse, whole } = await pair.lists(queryOf(random, dims, null), 200);
  expect(coarse).toEqual(whole);
  expect(coarse[0]).toHaveLength(90);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../../src/core/neighbours/random.ts";
import { codeBranch } from "../../../src/core/search/coarse/codes.ts";
import { columnsOf } from "../../../src/core/search/coarse/columns.ts";
import { coarseKernel } from "../../../src/core/search/coarse/kernel.ts";
import { ScanPool } from "../../../src/core/search/coarse/scanPool.ts";
import { CodedRows } from "../../../src/core/search/coarse/segments.ts";
import { ExactSearch, Gallery, normalise } from "../../../src/core/search/index.ts";

const DIMS = [40, 13];
const COUNT = 90;
const SHARES = [0.85, 0.15];
const gallery = new Gallery(DIMS);
const rows = new CodedRows(DIMS);
let search: ExactSearch;
let pool: ScanPool;

beforeAll(async () => {
  const random = new Random(11);
  rows.reserve(COUNT);
  for (let i = 0; i < COUNT; i++) {
    // From even values to a single large one.
    const embedding = Float32Array.from({ length: 53 }, () => (random.unit() - 0.5) ** (1 + 2 * (i % 5)));
    gallery.set(String(i), embedding);
    rows.set(i, gallery.branches(i));
  }
  search = await ExactSearch.create(DIMS.length);
  pool = new ScanPool(coarseKernel()!, rows);
});
afterAll(async () => {
  await pool.close();
  await search.release();
});

/**
 * Bounds of every row's score in every column, beside the score of the exact search.
 * @param columns those of the exact search that are looked through
 */
async function bounds(branches: readonly Float32Array[], columns = [0, 1, 2]) {
  const asked = columnsOf({ branches, k: COUNT, shares: SHARES }, COUNT, false);
  const findings = await pool.scan(asked.scan);
  const exact = await search.run(branches, gallery, COUNT, { shares: SHARES });
  return Array.from({ length: findings.count }, (_, i) => ({
    row: findings.row(i),
    column: findings.column(i),
    low: findings.low(i),
    high: findings.high(i),
    score: exact[columns[findings.column(i)]!]!.scores[findings.row(i)]!,
  }));
}

/** What the codes leave of a branch, as a direction: no query is farther off in this row. */
function restOf(row: number): Float32Array[] {
  return gallery.branches(row).map((values) => {
    const codes = new Int8Array(values.length);
    const { scale } = codeBranch(values, codes);
    const rest = values.map((value, i) => value - scale * codes[i]!);
    normalise(rest);
    return rest;
  });
}

test("every score lies between its bounds, and for the query that is worst for a row just inside", async () => {
  for (let row = 0; row < COUNT; row++) {
    const found = await bounds(restOf(row));
    expect(found).toHaveLength(COUNT * 3);
    for (const { low, high, score } of found) {
      expect(low).toBeLessThanOrEqual(score);
      expect(high).toBeGreaterThanOrEqual(score);
    }
    for (const { low, high, score } of found.filter((each) => each.row === row)) {
      expect((score - low) / (high - low)).toBeGreaterThan(0.95);
    }
  }
});

test("the same for queries that are rows, and whose branches are zero or nearly", async () => {
  for (let row = 0; row < COUNT; row += 7) {
    const query = gallery.branches(row);
    if (row % 2 === 0) query[1]!.fill(0);
    else query[1]![0] = 1e-20;
    // A column in which every row scores 0 is not looked through.
    const found = await bounds(query, row % 2 === 0 ? [0, 2] : [0, 1, 2]);
    expect(found).toHaveLength(COUNT * (row % 2 === 0 ? 2 : 3));
    for (const { low, high, score } of found) {
      expect(low).toBeLessThanOrEqual(score);
      expect(high).toBeGreaterThanOrEqual(score);
    }
  }
});

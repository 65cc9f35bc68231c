import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../../src/core/neighbours/random.ts";
import { ExactSearch } from "../../../src/core/search/exactSearch.ts";
import { Gallery } from "../../../src/core/search/gallery.ts";
import { keepKindsTogether } from "../../../src/core/search/kindred.ts";

const DIMS = [24, 16];
const KINDS = 8;
const EACH = 15;
const SHARES = [0.5, 0.5];
let search: ExactSearch;
let gallery: Gallery;
beforeAll(async () => {
  search = await ExactSearch.create(DIMS.length);
  gallery = new Gallery(DIMS);
  const random = new Random(5);
  // Each kind is a long band between two directions: its ends are no nearer to each other than to other kinds.
  for (let kind = 0; kind < KINDS; kind++) {
    for (let i = 0; i < EACH; i++) {
      const along = i / (EACH - 1);
      const branches = DIMS.map((dim) => {
        const values = Float64Array.from({ length: dim }, () => 0.4 * (random.unit() - 0.5));
        values[2 * kind]! += 1 - along;
        values[2 * kind + 1]! += along;
        const norm = Math.hypot(...values);
        return Float64Array.from(values, (value) => value / norm);
      });
      gallery.set(`${kind}/${i}.png`, Float32Array.from(branches.flatMap((branch) => [...branch])));
    }
  }
});
afterAll(() => search.release());

const kindOf = (row: number) => gallery.pathOf(row).split("/")[0];

async function lists(row: number): Promise<{ plain: number[]; together: number[] }> {
  const query = gallery.branches(row);
  const found = await search.run(query, gallery, 120, { shares: SHARES, without: [row] });
  const plain = [...found.at(-1)!.top];
  return { plain, together: await keepKindsTogether(search, query, gallery, plain, SHARES) };
}

/** Mean average precision at R of a list. */
function precision(list: readonly number[], row: number): number {
  let [hits, sum] = [0, 0];
  for (let i = 0; i < EACH - 1; i++) {
    if (kindOf(list[i]!) !== kindOf(row)) continue;
    hits++;
    sum += hits / (i + 1);
  }
  return sum / (EACH - 1);
}

test("images of one kind come together, behind the first four, which stay; none is lost", async () => {
  let [before, after, count] = [0, 0, 0];
  for (let row = 0; row < gallery.count; row += 4) {
    const { plain, together } = await lists(row);
    expect(together.slice(0, 4)).toEqual(plain.slice(0, 4));
    expect(together.slice(100)).toEqual(plain.slice(100));
    expect(together.toSorted((a, b) => a - b)).toEqual(plain.toSorted((a, b) => a - b));
    before += precision(plain, row);
    after += precision(together, row);
    count++;
  }
  expect(before / count).toBeLessThan(0.9);
  expect(after).toBeGreaterThan(before + 0.02 * count);
});

test("the same query gives the same order, and short lists stay as they are", async () => {
  const { together } = await lists(7);
  expect((await lists(7)).together).toEqual(together);
  expect(await keepKindsTogether(search, gallery.branches(0), gallery, [3, 1, 2], SHARES)).toEqual([3, 1, 2]);
  expect(await keepKindsTogether(search, gallery.branches(0), gallery, [], SHARES)).toEqual([]);
});

test("a folder whose images are all alike keeps its order", async () => {
  const same = new Gallery(DIMS);
  const row = Float32Array.from([...gallery.branches(0).flatMap((branch) => [...branch])]);
  for (let i = 0; i < 30; i++) same.set(`${i}.png`, row);
  const ranked = Array.from({ length: 29 }, (_, i) => i + 1);
  expect(await keepKindsTogether(search, same.branches(0), same, ranked, SHARES)).toEqual(ranked);
});

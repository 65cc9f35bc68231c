import { describe, expect, test } from "vitest";
import { groupPictures } from "../../../src/core/curation/groupPictures.ts";
import type { Sameness } from "../../../src/core/curation/sameness/index.ts";

const all = (count: number) => Array.from({ length: count }, (_, i) => i);
const others = (count: number) => (picture: number) => ({
  near: all(count).filter((each) => each !== picture),
  far: [],
});
const sure = (same: boolean): Sameness => (same ? "same" : "other");
/** By the distance of two pictures that lie on a line. */
const within = (same: number, perhaps: number, places: readonly number[]) => async (a: number, b: number) => {
  const apart = Math.abs(places[a]! - places[b]!);
  return apart <= same ? "same" : apart <= perhaps ? "perhaps" : "other";
};

test("every picture of a group is the same as its first one: what is the same as two others that are not is neither's copy for certain", async () => {
  const { groups, perhaps } = await groupPictures(all(7), others(7), within(1, 1, all(7)));
  expect(groups).toEqual([]);
  expect(perhaps).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
});

test("a group is as large as it is, led by the picture that comes first in the order", async () => {
  const order = all(120).reverse();
  const { groups, perhaps } = await groupPictures(order, others(120), async (a, b) => sure(a % 3 === b % 3));
  expect(groups.map((group) => group.length)).toEqual([40, 40, 40]);
  expect(groups.map(([first]) => first)).toEqual([119, 118, 117]);
  expect(groups[0]).toEqual(order.filter((picture) => picture % 3 === 2));
  expect(perhaps).toEqual([]);
});

test("what looks less and less alike is tried in vain so often and no more", async () => {
  let tried = 0;
  const { groups } = await groupPictures(all(300), others(300), async (a, b) => {
    if (a === 0) tried++;
    return sure(a === 0 && b === 5);
  });
  expect(groups).toEqual([[0, 5]]);
  // Five before the one that is found, and sixty-four after it.
  expect(tried).toBe(69);
});

describe("what cannot be told", () => {
  test("is in no group, beside the first picture it may be the same as", async () => {
    const places = [0, 1, 3, 10, 13, 20];
    const { groups, perhaps } = await groupPictures(all(6), others(6), within(1, 3, places));
    expect(groups).toEqual([[0, 1]]);
    expect(perhaps).toEqual([
      [0, 2],
      [3, 4],
    ]);
  });

  test("leads its own copies, and is perhaps the same as a better one; what is certain elsewhere is told there alone", async () => {
    const { groups, perhaps } = await groupPictures(all(4), others(4), within(1, 3, [0, 3, 3.5, 9]));
    expect(groups).toEqual([[1, 2]]);
    expect(perhaps).toEqual([[0, 1]]);
  });

  test("a copy that is the same as two pictures which are perhaps one stays with the first", async () => {
    const { groups, perhaps } = await groupPictures(all(3), others(3), within(1, 3, [0, 2, 1]));
    expect(groups).toEqual([[0, 2]]);
    expect(perhaps).toEqual([[0, 1]]);
  });

  test("in whatever order, a coarse copy of one of two pictures is certainly neither's", async () => {
    for (const order of [
      [0, 1, 2],
      [1, 0, 2],
    ]) {
      const { groups, perhaps } = await groupPictures(order, others(3), within(2, 2, [0, 3, 1.5]));
      expect(groups).toEqual([]);
      expect(perhaps).toEqual([[order[0], 2]]);
    }
  });
});

test("copies whose embeddings are not near are found too, and a few that are no copies end the search for them", async () => {
  let compared = 0;
  const far = (picture: number) => ({ near: [], far: all(40).filter((each) => each !== picture) });
  const { groups } = await groupPictures(all(40), far, async (a, b) => {
    compared++;
    return sure(a < 30 && b < 30);
  });
  expect(groups).toEqual([all(30)]);
  // With the first one those of its group and four others, with each of these four others.
  expect(compared).toBeLessThanOrEqual(29 + 4 + 10 * (4 + 3));
});

import { expect, test } from "vitest";
import { groupPictures } from "../../../src/core/curation/groupPictures.ts";

const all = (count: number) => Array.from({ length: count }, (_, i) => i);
const others = (count: number) => (picture: number) => all(count).filter((each) => each !== picture);

test("every picture of a group is the same as its first one: a chain whose ends have nothing in common is cut", async () => {
  // Pictures on a line are the same up to a distance of 1.
  const groups = await groupPictures(all(7), others(7), async (a, b) => Math.abs(a - b) <= 1);
  expect(groups).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
});

test("a group is as large as it is, led by the picture that comes first in the order", async () => {
  const order = all(120).reverse();
  const groups = await groupPictures(order, others(120), async (a, b) => a % 3 === b % 3);
  expect(groups.map((group) => group.length)).toEqual([40, 40, 40]);
  expect(groups.map(([first]) => first)).toEqual([119, 118, 117]);
  expect(groups[0]).toEqual(order.filter((picture) => picture % 3 === 2));
});

test("what looks less and less alike is tried in vain so often and no more", async () => {
  let tried = 0;
  const groups = await groupPictures(all(300), others(300), async (a, b) => {
    if (a === 0) tried++;
    return a === 0 && b === 5;
  });
  expect(groups).toEqual([[0, 5]]);
  // Five before the one that is found, and sixty-four after it.
  expect(tried).toBe(69);
});

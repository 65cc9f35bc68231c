import { expect, test } from "vitest";
import { groupPairs } from "../../../src/core/curation/groupPairs.ts";

const byNumber = (a: number, b: number) => a - b;

test("joined rows are a group, each beginning with the row that comes first", () => {
  const groups = groupPairs(
    [
      [5, 3],
      [3, 9],
      [1, 2],
    ],
    byNumber,
    () => true,
  );
  expect(groups.toSorted((a, b) => a[0]! - b[0]!)).toEqual([
    [1, 2],
    [3, 5, 9],
  ]);
  expect(groupPairs([], byNumber, () => true)).toEqual([]);
});

test("a chain whose ends have nothing in common is cut: every row matches the first of its group", () => {
  // Neighbours on a line match up to a distance of 10.
  const rows = [0, 8, 16, 24, 32, 40];
  const pairs = rows.slice(1).map((row, i) => [rows[i]!, row] as const);
  const matches = (a: number, b: number) => Math.abs(a - b) <= 10;
  const groups = groupPairs(pairs, byNumber, matches);
  expect(groups).toEqual([
    [0, 8],
    [16, 24],
    [32, 40],
  ]);
  const lonely = groupPairs(
    [
      [0, 8],
      [8, 16],
    ],
    byNumber,
    matches,
  );
  expect(lonely).toEqual([[0, 8]]);
});

test("many pairs in any order give the components that a search from each row gives", () => {
  let state = 5;
  const next = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const pairs = Array.from({ length: 300 }, () => [next(400), next(400)] as const).filter(([a, b]) => a !== b);
  const near = new Map<number, number[]>();
  for (const [a, b] of pairs) {
    near.set(a, [...(near.get(a) ?? []), b]);
    near.set(b, [...(near.get(b) ?? []), a]);
  }
  const seen = new Set<number>();
  const expected: number[][] = [];
  for (const start of [...near.keys()].sort(byNumber)) {
    const reached: number[] = [];
    const stack = [start];
    while (stack.length > 0) {
      const row = stack.pop()!;
      if (seen.has(row)) continue;
      seen.add(row);
      reached.push(row);
      stack.push(...near.get(row)!);
    }
    if (reached.length > 0) expected.push(reached.sort(byNumber));
  }
  const groups = groupPairs(pairs, byNumber, () => true);
  expect(groups.toSorted((a, b) => a[0]! - b[0]!)).toEqual(expected);
});

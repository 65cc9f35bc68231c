import { expect, test } from "vitest";
import { ASKED_FROM, admitted, weightsOf } from "../../../src/core/adaptation/index.ts";
import { kindsOfTen as branch } from "../../fixtures/kindsOfTen.ts";

test("each branch without a network is asked for itself, against all that was let in before it", () => {
  const first = [branch(600, 0.6, 1), branch(600, 0.8, 2)];
  const sees = branch(600, 0.3, 3);
  const blind = branch(600, 50, 4);
  const asked = (...others: Parameters<typeof admitted>[1]) =>
    admitted({ own: 2, second: 0 }, [...first, ...others]).handcrafted;
  expect(asked(sees)).toEqual([true]);
  expect(asked(blind)).toEqual([false]);
  expect(asked(blind, sees)).toEqual([false, true]);
  // Of one from which nothing can be told nothing is asked, and the others are.
  expect(asked(null, sees)).toEqual([false, true]);
  expect(asked(first[0]!)).toEqual([false]);
});

test("beside a second network that joins they are asked by what both networks see", () => {
  const first = [branch(600, 0.6, 1), branch(600, 0.8, 2)];
  const second = [branch(600, 0.3, 3)];
  const sees = branch(600, 0.3, 5);
  const parts = { own: 2, second: 1 };
  expect(admitted(parts, [...first, ...second, sees])).toEqual({ second: true, handcrafted: [true] });
  // A second network that stays out has no say in it.
  expect(admitted(parts, [...first, branch(600, 50, 4), sees])).toEqual({ second: false, handcrafted: [true] });
  expect(admitted(parts, [...first, null, sees])).toEqual({ second: false, handcrafted: [true] });
});

test("of few images nobody is let in", () => {
  const of = (count: number) => [branch(count, 0.6, 1), branch(count, 0.3, 2), branch(count, 0.3, 3)];
  expect(admitted({ own: 1, second: 1 }, of(ASKED_FROM))).toEqual({ second: true, handcrafted: [true] });
  expect(admitted({ own: 1, second: 1 }, of(ASKED_FROM - 1))).toEqual({ second: false, handcrafted: [false] });
  const same = { values: new Float32Array(ASKED_FROM * 4).fill(0.5), dim: 4 };
  expect(admitted({ own: 1, second: 0 }, [same, same])).toEqual({ second: false, handcrafted: [false] });
});

test("what they count: a fifth of the whole where one joins, and nothing where it does not", () => {
  expect(weightsOf({ own: 3, second: 0 }, { second: false, handcrafted: [true, false] })).toEqual([1, 1, 1, 0.75, 0]);
  expect(weightsOf({ own: 3, second: 2 }, { second: true, handcrafted: [false, true] })).toEqual([
    1, 1, 1, 1.5, 1.5, 0, 1.5,
  ]);
  expect(weightsOf({ own: 3, second: 2 }, { second: false, handcrafted: [true] })).toEqual([1, 1, 1, 0, 0, 0.75]);
});

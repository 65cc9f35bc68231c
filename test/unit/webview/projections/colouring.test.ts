import type { ReactiveControllerHost } from "lit";
import { beforeEach, expect, test } from "vitest";
import type { ColumnChoice, ProjectionColumnResult } from "../../../../src/shared/index.ts";
import { Colouring } from "../../../../webview-ui/projections/colouring.ts";
import { OTHER, SCALE } from "../../../../webview-ui/projections/colours.ts";
import { SCALE_STEPS } from "../../../../webview-ui/projections/scale.ts";
import { highest } from "../../../../webview-ui/projections/side.ts";

const host = { addController() {}, requestUpdate() {} } as unknown as ReactiveControllerHost;
const paths = ["a/1.png", "a/2.png", "b/3.png"];
const last = SCALE + SCALE_STEPS - 1;
const shares = (...values: number[]): ProjectionColumnResult => ({
  column: { kind: "number", unit: "share", values: Float64Array.from(values), byMap: null },
  notes: null,
});
const MOVED: ColumnChoice = { kind: "moved", one: "spoc", other: "mac", k: 15 };

/** Answers in the order in which they are given. */
let answers: ((result: ProjectionColumnResult | Error) => void)[];
let colouring: Colouring;
beforeEach(() => {
  answers = [];
  colouring = new Colouring(
    host,
    () =>
      new Promise((done, fail) => {
        answers.push((result) => (result instanceof Error ? fail(result) : done(result)));
      }),
  );
  colouring.reset(paths);
});
const settled = () => new Promise((done) => setTimeout(done));

test("folders at first; then what moved, over the whole of 0 to 1, also where all values are near", async () => {
  expect([...colouring.coloursOf("spoc")]).toEqual([0, 0, 1]);
  const chosen = colouring.choose(MOVED);
  answers[0]!(shares(0, 0.5, Number.NaN));
  await chosen;
  expect([...colouring.coloursOf("spoc")]).toEqual([SCALE, Math.round((SCALE + last) / 2), OTHER]);
  expect(colouring.range).toMatchObject({ low: 0, high: 1 });
  expect(colouring.categories).toEqual([]);
  await colouring.choose(null);
  expect([...colouring.coloursOf("spoc")]).toEqual([0, 0, 1]);
});

test("values that differ by descriptor colour each map by its own", async () => {
  const chosen = colouring.choose({ kind: "agreement", labels: null, k: 15 });
  const byMap = { spoc: Float64Array.of(0, 0, 1), combined: Float64Array.of(1, 1, 0) };
  answers[0]!({ column: { kind: "number", unit: "share", values: byMap.combined, byMap }, notes: null });
  await chosen;
  expect([...colouring.coloursOf("spoc")]).toEqual([SCALE, SCALE, last]);
  expect([...colouring.coloursOf("combined")]).toEqual([last, last, SCALE]);
});

test("an answer that comes too late, and one for other images, change nothing", async () => {
  void colouring.choose({ kind: "pixels" });
  void colouring.choose(MOVED);
  answers[1]!(shares(1, 1, 1));
  await settled();
  answers[0]!(shares(0, 0, 0));
  await settled();
  expect([...colouring.coloursOf("spoc")]).toEqual([last, last, last]);
  void colouring.choose({ kind: "modified" });
  colouring.reset(["a/1.png", "b/2.png"]);
  answers[2]!(shares(0, 0, 0));
  await settled();
  expect(colouring.numbers).toBeUndefined();
  expect([...colouring.coloursOf("spoc")]).toEqual([0, 1]);
});

test("what cannot be had is said; the folders stay", async () => {
  const chosen = colouring.choose({ kind: "table", file: "/meta.csv", column: "x" });
  answers[0]!(new Error("no such column"));
  await chosen;
  expect(colouring.failure).toBe("no such column");
  expect([...colouring.coloursOf("spoc")]).toEqual([0, 0, 1]);
});

test("a chosen category is coloured and all else grey, until none is chosen", () => {
  colouring.toggle(1);
  expect([...colouring.coloursOf("spoc")]).toEqual([OTHER, OTHER, 0]);
  colouring.toggle(1);
  expect([...colouring.coloursOf("spoc")]).toEqual([0, 0, 1]);
});

test("the images that moved most: by falling value, of equal ones the first, none without a value", () => {
  expect(highest(Float64Array.of(0.2, Number.NaN, 0.9, 0.2, 1), 3)).toEqual([4, 2, 0]);
});

import { expect, test } from "vitest";
import { chooseSamples } from "../../../src/core/quantize/samples.ts";
import { hasInt8DotProduct } from "../../../src/core/quantize/vnni.ts";

const found = (paths: readonly string[]) => paths.map((path) => ({ path, size: 1, mtimeMs: 1, ctimeMs: 1 }));
const classes = (count: number, each: number) =>
  Array.from({ length: count * each }, (_, i) => `c${Math.floor(i / each)}/${i}.png`);

test("what calibrates is not measured where there are enough others", () => {
  const { calibration, measured } = chooseSamples(found(classes(30, 10)), 64);
  expect(calibration).toHaveLength(64);
  expect(measured.length).toBeGreaterThan(200);
  expect(measured.filter((path) => calibration.includes(path))).toEqual([]);
  const few = chooseSamples(found(classes(4, 5)), 16);
  expect(few.measured).toHaveLength(20);
});

test("at most 500 are measured, several of each class, labelled by their folder", () => {
  for (const [count, each] of [
    [2, 4000],
    [40, 60],
    [700, 3],
  ] as const) {
    const { measured, labels } = chooseSamples(found(classes(count, each)), 64);
    expect(measured.length).toBeLessThanOrEqual(500);
    expect(measured.length).toBeGreaterThan(400);
    expect(labels).toEqual(measured.map((path) => path.split("/")[0]));
    const alone = [...new Set(labels)].filter((label) => labels!.indexOf(label) === labels!.lastIndexOf(label));
    // The last class may be cut at 500.
    expect(alone.length).toBeLessThanOrEqual(1);
  }
});

test("the order in which files were found does not matter; a flat folder has no labels", () => {
  const paths = classes(20, 10);
  expect(chooseSamples(found(paths.toReversed()), 8)).toEqual(chooseSamples(found(paths), 8));
  expect(chooseSamples(found(["a.png", "b.png"]), 8).labels).toBeNull();
  expect(chooseSamples(found(["only/a.png", "only/b.png"]), 8).labels).toBeNull();
});

test("tells from /proc/cpuinfo whether int8 is quick", () => {
  expect(hasInt8DotProduct("processor\t: 0\nflags\t\t: fpu avx2 avx512_vnni\n")).toBe(true);
  expect(hasInt8DotProduct("flags : fpu avx2 avx_vnni fma\n")).toBe(true);
  expect(hasInt8DotProduct("Features\t: fp asimd asimddp sve\n")).toBe(true);
  expect(hasInt8DotProduct("model name\t: avx_vnni\nflags\t\t: fpu avx2\n")).toBe(false);
  expect(hasInt8DotProduct("no such file format")).toBeNull();
});

import { expect, test } from "vitest";
import { labelAgreement, moved, neighboursOf } from "../../../src/core/neighbours/index.ts";
import { firstView } from "../../../src/core/projection/firstView.ts";
import { type LayoutUpdate, type ProjectOptions, project } from "../../../src/core/projection/index.ts";
import { align } from "../../../src/core/projection/procrustes.ts";
import { clusteredImages, DESCRIPTORS, parameters, ranking, rowsOf, vectorsOf } from "./support.ts";

const COLUMNS = [...DESCRIPTORS, "combined"];

async function run(images: Map<string, Float32Array>, options: ProjectOptions = {}, changes = {}) {
  return (await project(await vectorsOf(images), parameters(changes), options)).projection;
}

const bytes = (values: Float32Array) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex");
const finite = (values: Float32Array) => values.every(Number.isFinite);

test("makes four maps that are trustworthy, alike and the same each time", async () => {
  const images = clusteredImages(200);
  const one = await run(images);
  expect([...one.maps.keys()]).toEqual(COLUMNS);
  for (const [name, { points, quality }] of one.maps) {
    expect(points).toHaveLength(400);
    expect(finite(points)).toBe(true);
    expect(quality.trustworthiness).toBeGreaterThan(0.9);
    expect(quality.neighbourPreservation).toBeGreaterThan(0.3);
    if (name === "combined") expect(quality.alignmentResidual).toBeNull();
    else expect(quality.alignmentResidual).toBeLessThan(0.8);
  }
  const again = await run(new Map([...images].reverse()), { descriptors: ["mac"] });
  for (const [name, { points }] of again.maps) expect(bytes(points)).toBe(bytes(one.maps.get(name)!.points));
  const other = await run(images, { descriptors: ["mac"] }, { seed: 2 });
  expect(other.maps.get("mac")!.points).not.toEqual(one.maps.get("mac")!.points);
});

test("starting from combined aligns maps that would have nothing in common", async () => {
  const images = clusteredImages(200);
  const together = await run(images);
  // Each branch as a model of its own: the same map as if it were made alone.
  const alone = async (b: number) => {
    const only = new Map(
      [...images].map(([path, e]) => [
        path,
        new Float32Array([
          ...e.slice(16 * b, 16 * b + 16),
          ...e.slice(16 * b, 16 * b + 16),
          ...e.slice(16 * b, 16 * b + 16),
        ]),
      ]),
    );
    return (await run(only, { descriptors: [] })).maps.get("combined")!.points;
  };
  const combined = together.maps.get("combined")!.points;
  // On the whole: a map that was made alone may lie like combined by chance.
  const sums = { together: 0, alone: 0 };
  for (const [b, name] of DESCRIPTORS.entries()) {
    const residual = together.maps.get(name)!.quality.alignmentResidual!;
    expect(align(together.maps.get(name)!.points, combined).residual).toBeCloseTo(residual, 6);
    sums.together += residual;
    sums.alone += align(await alone(b), combined).residual;
  }
  expect(sums.together).toBeLessThan(sums.alone);
});

test("one map alone is the same as among all", async () => {
  const images = clusteredImages(150);
  const all = await run(images);
  const mac = await run(images, { descriptors: ["mac"] });
  expect([...mac.maps.keys()]).toEqual(["mac", "combined"]);
  expect(bytes(mac.maps.get("mac")!.points)).toBe(bytes(all.maps.get("mac")!.points));
  await expect(run(images, { descriptors: ["colour"] })).rejects.toThrow(
    /no descriptor "colour".*spoc, mac, gem, combined/,
  );
});

test("tells the PCA view first, then growing maps, each at last as it stays", async () => {
  const updates: LayoutUpdate[] = [];
  const phases: string[] = [];
  const projection = await run(clusteredImages(300), {
    onLayout: (update) => updates.push(update),
    onProgress: ({ phase, done }) => {
      expect(done).toBeGreaterThanOrEqual(0);
      expect(done).toBeLessThanOrEqual(1);
      if (phases.at(-1) !== phase) phases.push(phase);
    },
  });
  expect(phases).toEqual(["neighbours", "layout", "quality"]);
  expect(updates.slice(0, 4).map(({ descriptor, method }) => [descriptor, method])).toEqual([
    ["combined", "pca"],
    ["spoc", "pca"],
    ["mac", "pca"],
    ["gem", "pca"],
  ]);
  for (const column of COLUMNS) {
    const own = updates.filter(({ descriptor, method }) => descriptor === column && method === "umap");
    expect(own.map(({ done }) => done)).toEqual(own.map(({ done }) => done).sort((a, b) => a - b));
    expect(own.at(-1)!.done).toBe(1);
    expect(bytes(own.at(-1)!.points)).toBe(bytes(projection.maps.get(column)!.points));
  }
});

// Above 2,048 images the directions are looked for in a part of them.
test.each([300, 3000])(
  "the first two principal components of %i images keep as much variance as the exact ones",
  async (count) => {
    const rows = rowsOf(await vectorsOf(clusteredImages(count)));
    const points = (await firstView(rows, COLUMNS, [], 1, {})).get("combined")!;
    const whole = Array.from({ length: count }, (_, i) =>
      rows.matrices.flatMap((m) => [...m.subarray(16 * i, 16 * i + 16)]),
    );
    const mean = whole[0]!.map((_, d) => whole.reduce((sum, row) => sum + row[d]!, 0) / count);
    const centred = whole.map((row) => row.map((value, d) => value - mean[d]!));
    // Power iteration in float64, one component after the other.
    let left = centred;
    for (let axis = 0; axis < 2; axis++) {
      let direction = mean.map((_, d) => Math.sin(d + 1));
      for (let step = 0; step < 400; step++) {
        const along = left.map((row) => row.reduce((sum, value, d) => sum + value * direction[d]!, 0));
        const next = direction.map((_, d) => left.reduce((sum, row, i) => sum + row[d]! * along[i]!, 0));
        const norm = Math.hypot(...next);
        direction = next.map((value) => value / norm);
      }
      const scores = left.map((row) => row.reduce((sum, value, d) => sum + value * direction[d]!, 0));
      left = left.map((row, i) => row.map((value, d) => value - scores[i]! * direction[d]!));
      const exact = scores.reduce((sum, value) => sum + value * value, 0);
      const ours = points.reduce((sum, value, i) => sum + (i % 2 === axis ? value * value : 0), 0);
      expect(ours / exact).toBeGreaterThan(0.97);
      expect(ours / exact).toBeLessThan(1.03);
    }
  },
);

test.each([0, 1, 2, 3, 4, 5, 16, 45])("%i images still make a picture", async (count) => {
  const projection = await run(clusteredImages(count));
  for (const { points } of projection.maps.values()) {
    expect(points).toHaveLength(2 * count);
    expect(finite(points)).toBe(true);
    const places = new Set(Array.from({ length: count }, (_, i) => `${points[2 * i]} ${points[2 * i + 1]}`));
    expect(places.size).toBe(count);
  }
  expect(projection.maps.get("combined")!.quality.trustworthiness === null).toBe(count < 45);
});

test("images that are all the same end in a finite map", async () => {
  const one = [...clusteredImages(1).values()][0]!;
  for (const count of [3, 50]) {
    const projection = await run(new Map(Array.from({ length: count }, (_, i) => [`${i}.png`, one])));
    for (const { points, quality } of projection.maps.values()) {
      expect(finite(points)).toBe(true);
      // Three are too few to measure.
      expect(quality.trustworthiness).toBe(count === 3 ? null : 1);
    }
  }
});

test("vectors that are zero or not finite in a branch are left out and named", async () => {
  const images = clusteredImages(60);
  const paths = [...images.keys()].sort();
  images.get(paths[3]!)![5] = Number.NaN;
  images.get(paths[20]!)!.fill(0, 16, 32);
  images.get(paths[59]!)![40] = Number.POSITIVE_INFINITY;
  const projection = await run(images);
  expect(projection.excluded).toEqual([paths[3], paths[20], paths[59]]);
  expect(projection.paths).toEqual(paths.filter((_, i) => i !== 3 && i !== 20 && i !== 59));
  const clean = await run(new Map([...images].filter(([path]) => !projection.excluded.includes(path))));
  expect(bytes(projection.maps.get("gem")!.points)).toBe(bytes(clean.maps.get("gem")!.points));
});

test("a set above the limit: a graph finds its neighbours, and the maps are as trustworthy", async () => {
  const images = clusteredImages(500);
  const progress: number[] = [];
  const onProgress: ProjectOptions["onProgress"] = ({ phase, done }) => phase === "neighbours" && progress.push(done);
  const projection = await run(images, { exactUpTo: 300, onProgress });
  const exact = await run(images);
  for (const [name, { points, quality }] of projection.maps) {
    expect(finite(points)).toBe(true);
    expect(quality.trustworthiness!).toBeGreaterThan(exact.maps.get(name)!.quality.trustworthiness! - 0.01);
  }
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(progress.at(-1)).toBeCloseTo(1, 6);
});

test.each(["reading a PCA view", "neighbours", "a growing map", "quality"])(
  "stops in %s, and tells nothing more",
  async (when) => {
    const abort = new AbortController();
    const stop = () => abort.abort(new Error("stopped by the test"));
    let after = 0;
    const run1 = run(clusteredImages(700), {
      signal: abort.signal,
      onLayout: ({ method, done }) => {
        if (abort.signal.aborted) after++;
        else if (when === "reading a PCA view" && method === "pca") stop();
        else if (when === "a growing map" && method === "umap" && done > 0 && done < 1) stop();
      },
      onProgress: ({ phase }) => {
        if (phase === when) stop();
      },
    });
    await expect(run1).rejects.toThrow("stopped by the test");
    const told = after;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(after).toBe(told);
    expect(after).toBeLessThanOrEqual(1);
  },
);

test("parameters out of range are refused with the range", async () => {
  const images = clusteredImages(10);
  await expect(run(images, {}, { neighbours: 1 })).rejects.toThrow(/2 to 200/);
  await expect(run(images, {}, { neighbours: 2.5 })).rejects.toThrow(/2 to 200/);
  await expect(run(images, {}, { minDist: -0.1 })).rejects.toThrow(/0 to 0\.99/);
  await expect(run(images, {}, { minDist: Number.NaN })).rejects.toThrow(/0 to 0\.99/);
  await expect(run(images, {}, { seed: -1 })).rejects.toThrow(/seed/);
  await expect(run(images, {}, { sample: 0 })).rejects.toThrow(/sample/);
});

test("neighbours of a point are those of the descriptor space; moved is 1 - Jaccard of two of them", async () => {
  const images = clusteredImages(90);
  const projection = await run(images);
  const rows = rowsOf(await vectorsOf(images));
  const expected = ranking(rows, 1, 7).slice(0, 6);
  const found = neighboursOf(projection, "mac", 7, 6);
  expect(found.map(({ row }) => row)).toEqual(expected);
  expect(found.map(({ path }) => path)).toEqual(expected.map((row) => projection.paths[row]));
  expect(() => neighboursOf(projection, "mac", 90, 6)).toThrow(RangeError);
  expect(() => neighboursOf(projection, "colour", 0, 6)).toThrow(/spoc, mac, gem, combined/);

  expect(moved(projection, "gem", "gem", 10).every((value) => value === 0)).toBe(true);
  const scores = moved(projection, "spoc", "combined", 10);
  for (const row of [0, 33, 89]) {
    const a = new Set(ranking(rows, 0, row).slice(0, 10));
    const b = new Set(ranking(rows, 3, row).slice(0, 10));
    const shared = [...a].filter((j) => b.has(j)).length;
    expect(scores[row]).toBeCloseTo(1 - shared / (20 - shared), 6);
  }
});

test("label agreement is the share of a point's nearest with its label, among those that have one", async () => {
  const images = clusteredImages(60);
  const projection = await run(images);
  const rows = rowsOf(await vectorsOf(images));
  // A third without a label; an even and an odd one for the others.
  const labels = Int32Array.from({ length: 60 }, (_, row) => (row % 3 === 0 ? -1 : row % 2));
  const shares = labelAgreement(projection, "gem", labels, 8);
  for (let row = 0; row < 60; row++) {
    const near = ranking(rows, 2, row).slice(0, 8);
    const counted = near.filter((other) => labels[other]! >= 0);
    const same = counted.filter((other) => labels[other] === labels[row]).length;
    expect(shares[row]).toBe(row % 3 === 0 || counted.length === 0 ? Number.NaN : same / counted.length);
  }
  expect(labelAgreement(projection, "gem", new Int32Array(60), 8).every((share) => share === 1)).toBe(true);
});

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { projectFolder } from "../../../src/core/folder/index.ts";
import { clusteredImages, parameters, sourceOf } from "../projection/support.ts";

let root: string;
let place: string;
const warnings: string[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-projection-"));
  place = join(root, "model.sqlite");
  warnings.length = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = (images: Map<string, Float32Array>, changes = {}, descriptors?: string[]) =>
  projectFolder(sourceOf(images, place), parameters(changes), { descriptors, warn: (text) => warnings.push(text) });

test("an unchanged index is not laid out again; other parameters are", async () => {
  const images = clusteredImages(120);
  const first = await run(images);
  expect(first.summary).toMatchObject({ images: 120, excluded: 0, reused: "none", measured: { k: 15, images: 120 } });
  expect(Object.keys(first.summary.maps)).toEqual(["spoc", "mac", "gem", "combined"]);
  const second = await run(images);
  expect(second.summary.reused).toBe("all");
  expect(second.projection.maps).toEqual(first.projection.maps);
  expect(second.projection.tables).toEqual(first.projection.tables);
  expect(second.summary.maps).toEqual(first.summary.maps);
  expect((await run(images, { neighbours: 10 })).summary.reused).toBe("none");
  expect((await run(images)).summary.reused).toBe("all");
  expect(warnings).toEqual([]);
});

test("maps are added to those that are there", async () => {
  const images = clusteredImages(80);
  const one = await run(images, {}, ["mac"]);
  expect([...one.projection.maps.keys()].sort()).toEqual(["combined", "mac"]);
  const all = await run(images);
  expect(all.summary.reused).toBe("all");
  expect([...all.projection.maps.keys()]).toEqual(["spoc", "mac", "gem", "combined"]);
  expect(all.projection.maps.get("mac")).toEqual(one.projection.maps.get("mac"));
  expect((await run(images)).projection.maps).toEqual(all.projection.maps);
});

test("added images are placed into the maps, removed ones leave, and the others stay where they are", async () => {
  const images = clusteredImages(120);
  const before = await run(images);
  const [gone] = images.keys();
  images.delete(gone!);
  for (const [path, embedding] of [...clusteredImages(130, 1)].slice(120)) images.set(`a new/${path}`, embedding);
  const after = await run(images);
  expect(after.summary).toMatchObject({ images: 129, reused: "part" });
  expect(after.projection.changes).toBe(11);
  for (const [name, { points, quality }] of after.projection.maps) {
    const earlier = before.projection.maps.get(name)!;
    for (const [row, path] of after.projection.paths.entries()) {
      const from = before.projection.paths.indexOf(path);
      expect(Number.isFinite(points[2 * row])).toBe(true);
      if (from >= 0)
        expect(points.subarray(2 * row, 2 * row + 2)).toEqual(earlier.points.subarray(2 * from, 2 * from + 2));
    }
    expect(quality.trustworthiness).toBeGreaterThan(earlier.quality.trustworthiness! - 0.05);
  }
  // What was updated is what the next run finds.
  expect((await run(images)).summary.reused).toBe("all");
  // Only fewer: nothing has to be placed.
  images.delete([...images.keys()][5]!);
  expect((await run(images)).summary).toMatchObject({ images: 128, reused: "part" });
});

test("an image whose vector changed moves; many changes start the maps anew", async () => {
  const images = clusteredImages(100);
  const first = await run(images, {}, []);
  const [one, other] = [...images.keys()].filter((_, i) => i === 0 || i === 99);
  images.set(one!, images.get(other!)!.slice());
  const changed = await run(images, {}, []);
  expect(changed.summary.reused).toBe("part");
  const row = changed.projection.paths.indexOf(one!);
  const points = changed.projection.maps.get("combined")!.points;
  expect(points[2 * row]).not.toBe(first.projection.maps.get("combined")!.points[2 * row]);
  for (const [path, embedding] of clusteredImages(40, 5)) images.set(`more/${path}`, embedding);
  const anew = await run(images, {}, []);
  expect(anew.summary).toMatchObject({ images: 140, reused: "none" });
  expect(anew.projection.changes).toBe(0);
});

test("only a sample, or only a folder", async () => {
  const images = clusteredImages(200);
  const sample = await run(images, { sample: 50 }, []);
  expect(sample.summary.images).toBe(50);
  const larger = await run(images, { sample: 60 }, []);
  // The draw grows: a hash of the path decides, not the number of files.
  expect(sample.projection.paths.every((path) => larger.projection.paths.includes(path))).toBe(true);
  const under = await run(images, { under: "class 1/" }, []);
  expect(under.projection.paths).toEqual([...images.keys()].filter((path) => path.startsWith("class 1/")));
  await expect(run(images, { under: "class" })).rejects.toThrow(/No indexed image lies under class/);
});

test("a cache that cannot be opened is a warning, not an error", async () => {
  mkdirSync(join(root, "model.projections.sqlite"));
  const { summary } = await run(clusteredImages(30));
  expect(summary.images).toBe(30);
  expect(warnings.join()).toMatch(/model\.projections\.sqlite cannot be used/);
});

test("a cancelled run leaves what was kept", async () => {
  const images = clusteredImages(200);
  await run(images);
  const abort = new AbortController();
  abort.abort(new Error("no"));
  await expect(projectFolder(sourceOf(images, place), parameters(), { signal: abort.signal })).rejects.toThrow("no");
  expect((await run(images)).summary.reused).toBe("all");
});

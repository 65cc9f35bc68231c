import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawHeatmap } from "../../../src/core/explain/heatmap.ts";
import { drawExplanation } from "../../../src/core/explain/index.ts";
import { heatColour } from "../../../src/shared/index.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-draw-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const brightness = ([r, g, b]: readonly number[]) => 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;

test("colours get brighter all the way, so that they are told apart without hue", () => {
  const steps = Array.from({ length: 41 }, (_, i) => brightness(heatColour(i / 40)));
  for (let i = 1; i < steps.length; i++) expect(steps[i]!).toBeGreaterThan(steps[i - 1]!);
  expect(heatColour(-1)).toEqual(heatColour(0));
  expect(heatColour(2)).toEqual(heatColour(1));
});

test("a heat-map is bright where parts are great, and striped where they count against", () => {
  const picture = { pixels: new Uint8Array(40 * 20 * 3).fill(128), width: 40, height: 20 };
  const parts = { width: 4, height: 2, map: Float32Array.of(1, 0, 0, 0, 0, 0, 0, -1), constant: 0 };
  const drawn = drawHeatmap(picture, parts, 1);
  const at = (x: number, y: number) => [...drawn.subarray((y * 40 + x) * 3, (y * 40 + x) * 3 + 3)];
  expect(brightness(at(5, 5))).toBeGreaterThan(brightness(at(25, 5)) + 60);
  const white = (x0: number, y0: number) => {
    let count = 0;
    for (let y = y0; y < y0 + 10; y++) for (let x = x0; x < x0 + 10; x++) if (brightness(at(x, y)) > 190) count++;
    return count;
  };
  expect(white(30, 10)).toBeGreaterThan(25);
  expect(white(30, 10)).toBeLessThan(60);
  expect(white(20, 0)).toBe(0);
});

test("the PNG has a row for the images and one per branch, with the part of the query that was asked for", async () => {
  const [query, result] = [join(root, "query.png"), join(root, "result.png")];
  const red = { create: { width: 50, height: 100, channels: 3 as const, background: "#f00" } };
  const wide = { create: { width: 100, height: 100, channels: 3 as const, background: "#00f" } };
  await sharp(wide)
    .composite([{ input: red, left: 0, top: 0 }])
    .toFile(query);
  await sharp({ create: { width: 100, height: 50, channels: 3, background: "#0f0" } }).toFile(result);
  const map = { width: 2, height: 2, map: Float32Array.of(0.4, 0, 0, 0.1), constant: 0 };
  const matches = { toResult: new Uint16Array(4), toQuery: new Uint16Array(4) };
  const branch = { name: "spoc", score: 0.5, exact: true, query: map, result: map, matches };
  const box = { x: 0, y: 0, width: 0.5, height: 1 };
  const png = await drawExplanation(
    { query, result, box },
    { branches: [branch, branch], unexplained: [], problem: null },
  );
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([2 * 320 + 3 * 12, 12 + 3 * (320 + 30 + 12)]);
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
  const middle = 12 + 30 + 160;
  // The query's part is twice as high as wide, the result twice as wide as high; both are in the middle of their cells.
  expect(at(12 + 160, middle)).toEqual([255, 0, 0]);
  expect(at(12 + 70, middle)).toEqual([255, 255, 255]);
  expect(at(12 + 320 + 12 + 160, middle)).toEqual([0, 255, 0]);
  expect(at(12 + 320 + 12 + 160, middle - 90)).toEqual([255, 255, 255]);
  expect(brightness(at(12 + 120, middle + 362 - 100))).toBeGreaterThan(brightness(at(12 + 200, middle + 362 - 100)));
});

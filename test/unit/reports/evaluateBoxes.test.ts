/** Evaluations with a box per image: cropped to it, and large objects beside small ones. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EmbedderPool, evaluateFolder, evaluationHtml, openEmbedder } from "../../../src/core/index.ts";
import { CLASSES, drawColoured, EACH } from "./colouredFolder.ts";

const root = mkdtempSync(join(tmpdir(), "lookalike-evaluate-"));
const folder = join(root, "images");
const model = join(root, "model.onnx");
const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));

beforeAll(() => drawColoured(folder, model));
afterAll(async () => {
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

test("images are cropped to their boxes, and large objects are compared with small ones", async () => {
  const images: string[] = [];
  const labels: string[] = [];
  const boxes: string[] = [];
  for (let i = 0; i < CLASSES * EACH; i++) {
    const [of, n] = [Math.floor(i / EACH), i % EACH];
    images.push(`${i + 1} class ${of}/${n}.png`);
    labels.push(`${i + 1} ${of + 1}`);
    boxes.push(`${i + 1} 2 2 ${n % 2 === 0 ? "20 20" : "6 5"}`);
  }
  const birds = join(root, "birds");
  mkdirSync(birds);
  for (const [name, lines] of Object.entries({ images, image_class_labels: labels, bounding_boxes: boxes })) {
    writeFileSync(join(birds, `${name}.txt`), lines.join("\n"));
  }
  mkdirSync(join(birds, "images"));
  for (let of = 0; of < CLASSES; of++) {
    mkdirSync(join(birds, "images", `class ${of}`));
    for (let n = 0; n < EACH; n++)
      copyFileSync(join(folder, `class ${of}`, `${n}.png`), join(birds, "images", `class ${of}`, `${n}.png`));
  }
  const options = { location: join(root, "bird indexes"), dataset: "cub", searchedOnly: true, copies: false } as const;
  const plain = await evaluateFolder(birds, [model], pool, options);
  // Classes 4 to 6 of 6.
  expect(plain).toMatchObject({ queries: 36, classes: 3, protocol: "by-class", cropped: false });
  expect(plain.models[0]!.sizes).toMatchObject({ largeQueries: 18, smallQueries: 18 });
  expect(plain.models[0]!.sizes!.threshold).toBeCloseTo(400 / 576, 6);
  const cropped = await evaluateFolder(birds, [model], pool, { ...options, cropped: true });
  expect(cropped.cropped).toBe(true);
  expect(cropped.models[0]!.descriptors["combined"]!.metrics).not.toEqual(
    plain.models[0]!.descriptors["combined"]!.metrics,
  );
});

test("boxes from a file: every pair of descriptors is compared by the size of the object", async () => {
  const birds = join(root, "birds");
  const file = join(root, "boxes.csv");
  const row = (i: number) =>
    `images/class ${Math.floor(i / EACH)}/${i % EACH}.png,2,2,${i % 2 === 0 ? "20,20" : "6,5"}`;
  const write = (count: number) =>
    writeFileSync(file, ["path,x,y,width,height", ...Array.from({ length: count }, (_, i) => row(i))].join("\n"));
  const options = { location: join(root, "bird indexes"), boxes: file, searchedOnly: true, copies: false } as const;
  write(CLASSES * EACH);
  const report = await evaluateFolder(birds, [model], pool, options);
  expect(report.boxes).toEqual({ from: "boxes.csv", images: 72 });
  const { sizes } = report.models[0]!;
  expect(sizes).toMatchObject({ largeQueries: 36, smallQueries: 36 });
  expect(sizes!.note).toContain("too few to tell");
  const { spoc, mac } = sizes!.recalls;
  const [contrast, ...others] = sizes!.contrasts;
  expect(others).toEqual([]);
  expect(contrast).toMatchObject({ a: "spoc", b: "mac" });
  expect(contrast!.large).toBeCloseTo(spoc!.large - mac!.large, 9);
  expect(contrast!.small).toBeCloseTo(spoc!.small - mac!.small, 9);
  expect(contrast!.difference).toBeCloseTo(contrast!.large - contrast!.small, 9);
  expect(contrast!.interval[0]).toBeLessThanOrEqual(contrast!.difference);
  expect(contrast!.interval[1]).toBeGreaterThanOrEqual(contrast!.difference);
  const page = evaluationHtml(report);
  expect(page).toContain("Boxes of objects in 72 images from boxes.csv.");
  expect(page).toContain("Large objects and small ones");

  write(15);
  const few = await evaluateFolder(birds, [model], pool, options);
  expect(few.models[0]!.sizes).toBeNull();
  expect(few.warnings.join()).toContain("Large and small objects are not compared: 8 queries with a box");
  await expect(evaluateFolder(birds, [model], pool, { ...options, boxes: undefined, cropped: true })).rejects.toThrow(
    "There are no boxes to crop images to.",
  );
});

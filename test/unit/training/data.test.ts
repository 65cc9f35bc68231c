import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { splitImages } from "../../../src/core/training/data/split.ts";
import { readTrainingSet } from "../../../src/core/training/data/trainingSet.ts";
import { TRAINING_DEFAULTS, type TrainingOptions } from "../../../src/shared/index.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-data-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function add(path: string, content = path): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Classes c0, c1, ... with so many images each. */
function classes(...sizes: number[]): void {
  for (const [c, size] of sizes.entries()) for (let i = 0; i < size; i++) add(`c${c}/${i}.png`);
}

function labels(text: string): string {
  const file = join(folder, "labels.csv");
  writeFileSync(file, text);
  return file;
}

const read = (given: Partial<TrainingOptions> = {}) => readTrainingSet({ ...TRAINING_DEFAULTS, folder, ...given });

test("folders are classes; singletons are trained on, images in no folder are left out", async () => {
  classes(3, 3, 4, 2, 1);
  add("loose.png");
  const { train, test: held, data } = await read();
  expect(data).toMatchObject({ classes: 5, images: 13, singletons: 1, testClasses: 2, problem: null });
  expect(data.trainImages + data.testImages).toBe(13);
  expect(data.warnings.join("\n")).toContain("1 image directly in the folder");
  const labelsOf = (part: readonly { label: string }[]) => new Set(part.map(({ label }) => label));
  expect([...labelsOf(train)].filter((label) => labelsOf(held).has(label))).toEqual([]);
  expect(labelsOf(train).has("c4")).toBe(true);
});

test("a full training on few images is told that a head finds more", async () => {
  classes(...Array.from({ length: 250 }, () => 8));
  const told = async (given: Partial<TrainingOptions>) => (await read(given)).data.warnings.join();
  expect(await told({ mode: "full" })).toBe("");
  const few = { testShare: 0.6 };
  expect(await told({ mode: "full", ...few })).toContain(
    "800 images to train on: with fewer than 1000 a full training",
  );
  expect(await told({ mode: "head", ...few })).toBe("");
});

test("the split depends on seed and labels alone", async () => {
  classes(...Array.from({ length: 20 }, () => 2));
  const testOf = async (seed: number) => (await read({ seed })).test.map(({ path }) => path);
  const first = await testOf(1);
  expect(first).toHaveLength(20);
  expect(await testOf(2)).not.toEqual(first);
  // A class more changes what is held out by one class at most.
  add("zz/1.png");
  add("zz/2.png");
  const later = await testOf(1);
  expect(first.filter((path) => !later.includes(path)).length).toBeLessThanOrEqual(2);
});

test("by image: every class has two or more on each side, small ones are trained on only", async () => {
  classes(10, 4, 3);
  const { train, test: held } = await read({ split: "image" });
  const sizes = (part: readonly { label: string }[]) =>
    ["c0", "c1", "c2"].map((c) => part.filter((x) => x.label === c).length);
  expect(sizes(held)).toEqual([5, 2, 0]);
  expect(sizes(train)).toEqual([5, 2, 3]);
});

test("a labels file: its split wins, rows and images without each other are counted and named", async () => {
  classes(2, 2);
  add("more/a b.png");
  add("more/none.png");
  const file = labels(
    'label,path,split\nx,c0\\0.png,train\nx,./c0/1.png,Train\ny,c1/0.png,test\ny,c1/1.png,test\nz,gone.png,train\nw,"more/a b.png",val\n,c9.png,\n',
  );
  const { train, test: held, data } = await read({ labels: file, mode: "head" });
  expect(train.map(({ path, label }) => [path, label])).toEqual([
    ["c0/0.png", "x"],
    ["c0/1.png", "x"],
  ]);
  expect(held.map(({ label }) => label)).toEqual(["y", "y"]);
  const told = data.warnings.join("\n");
  expect(told).toContain("match no image: 2: gone.png, c9.png");
  expect(told).toContain("1 image of the validation part: neither trained on nor tested");
  expect(told).toContain("without a row or a value in labels.csv, left out: 1: more/none.png");
  expect(data.problem).toContain("leaves 1 class to train on");
});

test("a labels file with several columns: the one that is named says the classes, in any case", async () => {
  classes(2, 2);
  const file = labels("path,kind,Label\nc0/0.png,x,1\nc0/1.png,y,1\nc1/0.png,x,2\nc1/1.png,y,2\n");
  const classOf = async (labelColumn: string | null) => {
    const { train, test: held } = await read({ labels: file, labelColumn, split: "image" });
    return Object.fromEntries([...train, ...held].map(({ path, label }) => [path, label]));
  };
  expect(await classOf("KIND")).toEqual({ "c0/0.png": "x", "c1/0.png": "x", "c0/1.png": "y", "c1/1.png": "y" });
  expect(await classOf(null)).toEqual({ "c0/0.png": "1", "c0/1.png": "1", "c1/0.png": "2", "c1/1.png": "2" });
  await expect(read({ labels: file, labelColumn: "sort" })).rejects.toThrow(
    'no column "sort". It has path, kind, Label',
  );
});

test("folders of a split are its parts, and classes lie below them", async () => {
  for (const part of ["train", "Val"])
    for (const c of ["coin", "cup"]) for (const i of [0, 1]) add(`${part}/${c}/${i}.png`);
  const { train, test: held, data } = await read({ mode: "head" });
  expect(train.map(({ path, label }) => [path, label])).toEqual([
    ["train/coin/0.png", "coin"],
    ["train/coin/1.png", "coin"],
    ["train/cup/0.png", "cup"],
    ["train/cup/1.png", "cup"],
  ]);
  expect(held.map(({ path }) => path.split("/")[0])).toEqual(Array(4).fill("Val"));
  expect(data).toMatchObject({ classes: 2, problem: null });
  const told = data.warnings.join("\n");
  expect(told).toContain("The folders Val, train are taken for the parts of a split");
  expect(told).toContain("no test part: the validation part is the test");
});

test("an image whose rows contradict each other, in label or in split, is on no side and is told", async () => {
  classes(3, 3, 3, 3);
  const rows = [0, 1, 2, 3].flatMap((c) => [0, 1, 2].map((i) => `c${c}/${i}.png,${c},${c < 2 ? "train" : "test"}`));
  const file = labels(
    ["path,label,split", ...rows, "c0/0.png,9,train", "c1/1.png,1,dev", "c2/2.png,2,fold3", "c3/0.png,3,test"].join(
      "\n",
    ),
  );
  const { train, test: held, data } = await read({ labels: file, mode: "head" });
  expect([...train, ...held].map(({ path }) => path)).not.toContain("c0/0.png");
  expect([train.length, held.length]).toEqual([4, 5]);
  const told = data.warnings.join("\n");
  expect(told).toContain(
    "4 images with several rows in labels.csv, with different values: 3: c0/0.png, c1/1.png, c2/2.png",
  );
  expect(told).toContain(
    "of no one part of a split (train, validation, test), left out: 2: c1/1.png (train, dev), c2/2.png (test, fold3)",
  );
});

test("a test image that is a training image too is named", async () => {
  classes(2, 2, 2, 2);
  for (const c of [0, 1, 2, 3]) add(`c${c}/0.png`, "the same bytes");
  const { data, test: held } = await read();
  const twice = held.filter(({ path }) => path.endsWith("/0.png")).map(({ path }) => path);
  expect(data.warnings).toEqual([`Test images that are also training images, file by file: 2: ${twice.join(", ")}.`]);
});

test.each([
  ["nothing", [], {}, /no images in the folders of/],
  ["one class", [5], {}, /are of one class/],
  ["classes of one image", [1, 1, 1], {}, /Every class .* has a single image/],
  ["two classes, held out by class", [9, 9], {}, /2 classes of two images or more .* takes four.*--split image/],
  ["nothing held out", [2, 2, 2, 2], { testShare: 0 }, /no class with two images for the test \(test share 0\)/],
  ["all held out", [2, 2, 2, 2], { testShare: 1 }, /leaves 0 classes to train on/],
  ["too few to adapt", [2, 2], { mode: "whiten" }, /2 training images: adapting a model takes at least 24/],
] as [string, number[], Partial<TrainingOptions>, RegExp][])("refuses %s", async (_, sizes, options, problem) => {
  classes(...sizes);
  expect((await read(options)).data.problem).toMatch(problem);
});

test("labels that match nothing, a labels file without columns, and one that is gone", async () => {
  classes(2, 2);
  const file = labels("path,label\nelsewhere/a.png,x\n");
  expect((await read({ labels: file })).data.problem).toContain("No row of");
  await expect(read({ labels: labels("file;class\na;b\n") })).rejects.toThrow('no column "label". It has file, class');
  await expect(read({ labels: join(folder, "gone.csv") })).rejects.toThrow("the file is gone");
});

test("10,000 classes", () => {
  const images = Array.from({ length: 20_000 }, (_, i) => ({
    path: `${i}.png`,
    size: 1,
    label: String(i % 10_000),
    split: null,
  }));
  const { train, test: held } = splitImages(images, TRAINING_DEFAULTS);
  expect([train.length, held.length]).toEqual([10_000, 10_000]);
});

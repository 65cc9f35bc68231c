import { expect, test } from "vitest";
import { labelsOf, oneLabel, TableError } from "../../../src/core/tables/index.ts";
import { tableFile } from "./tables.ts";

const IMAGES = ["cats/1.png", "cats/2.png", "dogs/1.png", "3.png"];

test("folders give labels; a split is no label, and is said", async () => {
  const flat = await labelsOf(IMAGES, "/x", null);
  expect(IMAGES.map((path) => oneLabel(flat, path))).toEqual(["cats", "cats", "dogs", undefined]);
  expect([flat.warnings, flat.parts.size]).toEqual([[], 0]);
  const split = await labelsOf(["train/cats/1.png", "Test/cats/2.png"], "/x", null);
  expect([...split.byPath.values()]).toEqual([["cats"], ["cats"]]);
  expect([...split.parts.values()]).toEqual(["train", "test"]);
  expect(split.warnings).toEqual([
    expect.stringContaining("The folders Test, train are taken for the parts of a split"),
  ]);
});

test("a table gives labels and the split; an image with two has none where one is needed", async () => {
  const file = tableFile(
    ["id,Label,SPLIT", "2,wren,Training", "cats/1.png,owl,dev", "cats/1.png,wren,", "dogs/1.png,owl,fold 7"].join("\n"),
  );
  const labels = await labelsOf(IMAGES, "/x", { file });
  expect(IMAGES.map((path) => labels.byPath.get(path))).toEqual([["owl", "wren"], ["wren"], ["owl"], undefined]);
  expect(IMAGES.map((path) => oneLabel(labels, path))).toEqual([undefined, "wren", "owl", undefined]);
  expect([...labels.parts]).toEqual([
    ["cats/1.png", "validation"],
    ["cats/2.png", "train"],
  ]);
  expect([...labels.unsplit]).toEqual([["dogs/1.png", "fold 7"]]);
  const told = labels.warnings.join("\n");
  expect(told).toMatch(/The column "Label" of \d+\.csv was taken for "label"/);
  expect(told).toMatch(/found their image by less than its path: 1 by a file name without its ending/);
  expect(told).toMatch(/1 image with several rows in \d+\.csv, with different values: 1: cats\/1\.png/);
  expect(told).toMatch(/Images without a row or a value in \d+\.csv, left out: 1: 3\.png/);
});

test("of several columns of one name the first is taken, and that is told; the others can be asked for", async () => {
  const file = tableFile("path,label,label,path\ncats/1.png,owl,wren,dogs/1.png\n");
  const first = await labelsOf(IMAGES, "/x", { file });
  expect([...first.byPath]).toEqual([["cats/1.png", ["owl"]]]);
  expect(first.warnings.slice(0, 2)).toEqual([
    expect.stringMatching(/^\d+\.csv has several columns "label": the first was taken\./),
    expect.stringMatching(/^\d+\.csv has several columns "path": the first was taken\./),
  ]);
  const second = await labelsOf(IMAGES, "/x", { file, column: "label (2)" });
  expect([...second.byPath]).toEqual([["cats/1.png", ["wren"]]]);
  expect(second.warnings.join()).not.toMatch(/several columns "label"/);
});

test("what is told holds nothing that a terminal obeys", async () => {
  const { warnings } = await labelsOf(IMAGES, "/x", {
    file: tableFile('path,label\n"\u001b[2J\u202E\u200B.png",a\ncats/1.png,b\n'),
  });
  expect(warnings.join("")).toContain("\\u001b[2J\\u202e\\u200b.png");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  expect(warnings.join("")).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202E]/);
});

test("labels that may stand for none are labels, and told; a column of numbers has none there", async () => {
  const { byPath, warnings } = await labelsOf(IMAGES, "/x", {
    file: tableFile(`path,label\n${IMAGES[0]},nan\n${IMAGES[1]},cat\n`),
  });
  expect(byPath.get(IMAGES[0]!)).toEqual(["nan"]);
  expect(warnings.join("")).toMatch(/may mean that there is none: 1: "nan"/);
  const rows = IMAGES.map((path, i) => `${path},${i === 0 ? "nan" : i / 7}`).join("\n");
  const numbers = await labelsOf(IMAGES, "/x", { file: tableFile(`path,label\n${rows}\n`) });
  expect(numbers.byPath.has(IMAGES[0]!)).toBe(false);
  expect(numbers.warnings.join("")).not.toContain("may mean");
});

test("labels that differ in their case alone are different ones, and told", async () => {
  const file = tableFile(`path,label\n${IMAGES[0]},Cat\n${IMAGES[1]},cat\n${IMAGES[2]},dog\n`);
  const { byPath, warnings } = await labelsOf(IMAGES, "/x", { file });
  expect([byPath.get(IMAGES[0]!), byPath.get(IMAGES[1]!)]).toEqual([["Cat"], ["cat"]]);
  expect(warnings.join()).toMatch(/differ in their case alone.*: 1: (Cat \/ cat|cat \/ Cat)\./);
  const folders = await labelsOf(["Cat/1.png", "cat/2.png", "dog/3.png"], "/x", null);
  expect(folders.warnings.join()).toMatch(/1: Cat \/ cat\./);
  expect((await labelsOf(["cat/1.png", "dog/2.png"], "/x", null)).warnings).toEqual([]);
});

test("a table without a column of images says which columns it has", async () => {
  const file = tableFile("path label\ncats/1.png cat\n");
  await expect(labelsOf(IMAGES, "/x", { file })).rejects.toThrow("names images. It has path label. Call one");
});

test("a table without the column, a cancel, and a signal that comes in the middle", async () => {
  const file = tableFile("path,kind\ncats/1.png,a\n");
  await expect(labelsOf(IMAGES, "/x", { file })).rejects.toThrow(TableError);
  await expect(labelsOf(IMAGES, "/x", { file })).rejects.toThrow('no column "label". It has path, kind');
  await expect(labelsOf(IMAGES, "/x", { file, column: "kind" }, AbortSignal.abort())).rejects.toThrow(/abort/i);
  const large = tableFile(`path,label\n${"cats/1.png,a\n".repeat(1_000_000)}`);
  const stop = new AbortController();
  const reading = labelsOf(IMAGES, "/x", { file: large }, stop.signal);
  stop.abort(new Error("enough"));
  await expect(reading).rejects.toThrow("enough");
  // The next one is read all the same.
  expect((await labelsOf(IMAGES, "/x", { file, column: "kind" })).byPath.size).toBe(1);
});

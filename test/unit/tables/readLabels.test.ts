import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readLabels, TableError } from "../../../src/core/tables/index.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-labels-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function read(text: string): ReturnType<typeof readLabels> {
  const file = join(root, "labels.csv");
  writeFileSync(file, text);
  return readLabels(file);
}

test("columns in any order, paths of any system; what cannot be used is told with its row", async () => {
  const text =
    'id,Label,path\n1,wren,birds\\a.png\n2,"owl, barn",./birds//b.png\n3,,c.png\n4,owl,birds/a.png\n5,wren,birds/a.png\n';
  const { byPath, warnings } = await read(text);
  expect([...byPath]).toEqual([
    ["birds/a.png", { label: "wren", split: "" }],
    ["birds/b.png", { label: "owl, barn", split: "" }],
  ]);
  expect(warnings).toEqual([
    "Rows without a path or a label, left out: 1: row 3.",
    "Images with two different rows, of which the first counts: 1: birds/a.png.",
  ]);
});

test("lines that are odd are told, and what they hold is taken", async () => {
  const { byPath, warnings } = await read('path;label\na.png;"wren" x\nb.png\n');
  expect([...byPath.keys()]).toEqual(["a.png"]);
  expect(warnings).toEqual([
    "Lines with odd quotes or another number of fields: 2: line 2, line 3.",
    "Rows without a path or a label, left out: 1: row 2.",
  ]);
});

test("a split is told as it stands; rows of one image that differ in it alone contradict each other", async () => {
  const { byPath, warnings } = await read("path,label,Split\na.png,wren, Train\nb.png,owl,\na.png,wren,test\n");
  expect([...byPath]).toEqual([
    ["a.png", { label: "wren", split: "train" }],
    ["b.png", { label: "owl", split: "" }],
  ]);
  expect(warnings).toEqual(["Images with two different rows, of which the first counts: 1: a.png."]);
});

test("a file that cannot be used is an error that says why", async () => {
  await expect(read("file,class\na,b\n")).rejects.toThrow(TableError);
  await expect(read("file,class\na,b\n")).rejects.toThrow(/no columns "path" and "label" .it has: file, class/);
  await expect(read("")).rejects.toThrow(/is empty/);
  await expect(readLabels(join(root, "none.csv"))).rejects.toThrow(/none\.csv: the file is gone/);
});

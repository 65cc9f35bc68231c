import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LabelsError, readLabels } from "../../../src/core/labels/index.ts";

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
    ["birds/a.png", "wren"],
    ["birds/b.png", "owl, barn"],
  ]);
  expect(warnings).toEqual([
    "Rows without a path or a label, left out: 3.",
    "Images with two labels, of which the first counts: birds/a.png.",
  ]);
});

test("lines that are odd are told, and what they hold is taken", async () => {
  const { byPath, warnings } = await read('path;label\na.png;"wren" x\nb.png\n');
  expect([...byPath.keys()]).toEqual(["a.png"]);
  expect(warnings).toEqual([
    "Lines with odd quotes or another number of fields: 2, 3.",
    "Rows without a path or a label, left out: 2.",
  ]);
});

test("a file that cannot be used is an error that says why", async () => {
  await expect(read("file,class\na,b\n")).rejects.toThrow(LabelsError);
  await expect(read("file,class\na,b\n")).rejects.toThrow(/must name the columns path and label.*it has: file, class/);
  await expect(read("")).rejects.toThrow(/is empty/);
  await expect(readLabels(join(root, "none.csv"))).rejects.toThrow(/none\.csv cannot be read/);
});

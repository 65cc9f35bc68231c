import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { csvRows } from "../../../src/core/labels/csvRows.ts";
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

test("fields in quotes may hold commas, quotes and line ends; any line end is taken", () => {
  expect(csvRows('a,b\r\n"1,5","say ""hi"""\n"two\nlines",\r\n\n,\n""')).toEqual([
    { line: 1, fields: ["a", "b"] },
    { line: 2, fields: ["1,5", 'say "hi"'] },
    { line: 3, fields: ["two\nlines", ""] },
    { line: 6, fields: ["", ""] },
    { line: 7, fields: [""] },
  ]);
  expect(csvRows("\uFEFFa,b\r1,2\r")).toEqual([
    { line: 1, fields: ["a", "b"] },
    { line: 2, fields: ["1", "2"] },
  ]);
  expect(csvRows("")).toEqual([]);
  expect(csvRows('a\n"never ends')).toBeUndefined();
  const long = "x".repeat(3_000_000);
  expect(csvRows(`"${long}"`)).toEqual([{ line: 1, fields: [long] }]);
});

test("columns in any order, paths of any system, what cannot be used is told with its line", async () => {
  const text =
    'id,Label,path\n1,wren,birds\\a.png\n2,"owl, barn",./birds//b.png\n3,,c.png\n4,owl,birds/a.png\n5,wren,birds/a.png\n';
  const { byPath, warnings } = await read(text);
  expect([...byPath]).toEqual([
    ["birds/a.png", "wren"],
    ["birds/b.png", "owl, barn"],
  ]);
  expect(warnings).toEqual([
    "Rows without a path or a label, left out: line 4.",
    "Images with two labels, of which the first counts: birds/a.png (line 5).",
  ]);
});

test("a file that cannot be used is an error that says why", async () => {
  await expect(read("file,class\na,b\n")).rejects.toThrow(/must name the columns path and label; it is: file,class/);
  await expect(read("")).rejects.toThrow(/it is: empty/);
  await expect(read('path,label\n"a,b\n')).rejects.toThrow(/quoted field that does not end/);
  await expect(readLabels(join(root, "none.csv"))).rejects.toThrow(LabelsError);
});

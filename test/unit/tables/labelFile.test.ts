import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeLabelFile } from "../../../src/core/tables/index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-labels-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a file is made, then brought up to date: other rows and columns stay as they are", async () => {
  const file = join(root, "labels.csv");
  expect(await writeLabelFile(file, ["a/1.png", 'b, "x".png'], "cat")).toBe(2);
  expect(readFileSync(file, "utf8")).toBe('path,label\r\na/1.png,cat\r\n"b, ""x"".png",cat\r\n');
  writeFileSync(file, "note,label,path\nkeep,cat,a/1.png\n,dog,c.png\n");
  expect(await writeLabelFile(file, ["c.png", "new.png"], "a, b")).toBe(3);
  expect(readFileSync(file, "utf8")).toBe(
    'note,label,path\r\nkeep,cat,a/1.png\r\n,"a, b",c.png\r\n,"a, b",new.png\r\n',
  );
});

test("another kind of table and a damaged one are left alone", async () => {
  for (const [text, says] of [
    ["path,x\na.png,1\n", /has the columns path, x/],
    ['path,label\na.png,"cat\n', /damaged in line 2/],
    ["path,label,note,note\na.png,cat,1,2\n", /has several columns "note"/],
  ] as const) {
    const file = join(root, "other.csv");
    writeFileSync(file, text);
    await expect(writeLabelFile(file, ["b.png"], "dog")).rejects.toThrow(says);
    expect(readFileSync(file, "utf8")).toBe(text);
  }
  const parquet = join(root, "x.parquet");
  writeFileSync(parquet, "PAR1");
  await expect(writeLabelFile(parquet, ["b.png"], "dog")).rejects.toThrow(/x\.parquet/);
  expect(readFileSync(parquet, "utf8")).toBe("PAR1");
  await expect(writeLabelFile(join(root, "none", "x.csv"), ["b.png"], "dog")).rejects.toThrow(/cannot be written/);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findTables, readImageColumn, readImageLabels, summariseTables } from "../../../src/core/tables/index.ts";

const IMAGES = ["cats/1.png", "cats/2.png", "dogs/1.png", "dogs/9.png"];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-tables-"));
  mkdirSync(join(folder, "cats"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join("\n"));
  return path;
}
const summariseTable = async (path: string) => (await summariseTables([path]))[0]!;
const read = (path: string, column: string) => readImageColumn(path, column, IMAGES, folder);

test("paths are relative to the folder, absolute, or the one image of that name; the unknown are counted and named", async () => {
  const table = file("meta.csv", [
    "sharpness,Path",
    "0.5,cats/1.png",
    `1.5,${join(folder, "cats", "2.png")}`,
    "2.5,.\\dogs\\1.png",
    "3.5,9.png",
    "4,1.png",
    "5,birds/1.png",
    "6,/elsewhere/cats/1.png",
    "7,../x.png",
  ]);
  const { column, notes } = await read(table, "sharpness");
  expect(column).toEqual({ kind: "number", unit: null, values: Float64Array.of(0.5, 1.5, 2.5, 3.5), byMap: null });
  expect(notes).toEqual({
    images: 4,
    matched: 4,
    unknown: { count: 3, first: ["birds/1.png", "../x.png", "/elsewhere/cats/1.png"] },
    ambiguous: { count: 1, first: ["1.png"] },
    assumed: { letters: 0, name: 1, stem: 0, end: 0 },
    repeated: 0,
    contradictory: { count: 0, first: [] },
    oddLines: { count: 0, first: [] },
    windows1252: false,
    taken: { column: null, images: null, firstOf: [] },
  });
});

test("a table in a folder of its own names images relative to itself; images without a row have no value", async () => {
  const table = file("cats/labels.csv", ["file,breed", "1.png,tabby", "2.png,", 'extra.png,"x']);
  const { column, notes } = await read(table, "breed");
  expect(column).toEqual({ kind: "category", names: ["tabby"], codes: Int32Array.of(0, -1, -1, -1) });
  expect(notes).toMatchObject({ matched: 2, unknown: { count: 1 }, oddLines: { count: 1, first: [4] } });
});

test("commas for points are numbers where they cannot part thousands; codes and days that there are not are words", async () => {
  const values = {
    comma: ["1,5", "2,25", "-3", "nan"],
    thousands: ["1,500", "2,250", "3,000", "4,000"],
    hex: ["0x10", "0x11", "12", "13"],
    day: ["2024-02-29", "2024-02-30", "2024-03-01", ""],
    month: ["2024-13-01", "2024-12-01", "", ""],
  };
  const names = Object.keys(values) as (keyof typeof values)[];
  const rows = IMAGES.map((path, i) => [path, ...names.map((name) => values[name][i])].join(";"));
  const table = file("written.csv", [["path", ...names].join(";"), ...rows]);
  const column = async (name: string) => (await read(table, name)).column;
  const comma = await column("comma");
  expect(comma).toMatchObject({ kind: "number", unit: null });
  expect([...(comma.kind === "number" ? comma.values : [])].slice(0, 4)).toEqual([1.5, 2.25, -3, Number.NaN]);
  for (const name of names.slice(1)) {
    const { kind } = await column(name);
    expect(kind, name).toBe("category");
  }
});

test("numbers, dates, classes by number, and words", async () => {
  const table = file("meta.csv", [
    "path,n,when,split,word",
    "cats/1.png,1e3,2024-01-02,0,b",
    "cats/2.png,-2.5,2024-01-02T03:04:05Z,1,a",
    "dogs/1.png,,2023-12-31 00:00:00Z,0,a",
    "dogs/9.png,NaN,,1,",
  ]);
  const dates = [Date.UTC(2024, 0, 2), Date.UTC(2024, 0, 2, 3, 4, 5), Date.UTC(2023, 11, 31), Number.NaN];
  expect((await read(table, "n")).column).toMatchObject({ values: Float64Array.of(1000, -2.5, NaN, NaN) });
  expect((await read(table, "when")).column).toMatchObject({ unit: "date", values: Float64Array.from(dates) });
  expect((await read(table, "split")).column).toMatchObject({ names: ["0", "1"], codes: Int32Array.of(0, 1, 0, 1) });
  expect((await read(table, "word")).column).toMatchObject({ names: ["a", "b"], codes: Int32Array.of(1, 0, 0, -1) });
});

test("Parquet is read as CSV is", async () => {
  const table = join(folder, "meta.parquet");
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "image", data: ["dogs/1.png", "cats/1.png"], type: "STRING" },
      { name: "score", data: [0.25, -4], type: "DOUBLE" },
      { name: "id", data: [12n, 13n], type: "INT64" },
      { name: "taken", data: [new Date("2024-05-06T00:00:00Z"), null], type: "TIMESTAMP" },
    ],
  });
  writeFileSync(table, new Uint8Array(buffer));
  expect(await summariseTable(table)).toEqual({ file: table, columns: ["score", "id", "taken"], problem: null });
  expect((await read(table, "score")).column).toMatchObject({ values: Float64Array.of(-4, NaN, 0.25, NaN) });
  expect((await read(table, "id")).column).toMatchObject({ kind: "category", names: ["12", "13"] });
  expect((await read(table, "taken")).column).toMatchObject({
    unit: "date",
    values: Float64Array.of(NaN, NaN, Date.UTC(2024, 4, 6), NaN),
  });
});

test("the column of images is known by its name, or by its values", async () => {
  expect(await summariseTable(file("a.csv", ["id,what,name", "1,x.png,Ann", "2,y.png,Bob"]))).toMatchObject({
    columns: ["id", "name"],
  });
  expect((await summariseTable(file("b.csv", ["id,n", "1,2"]))).problem).toMatch(/no column that names images/);
  // With the images at hand a file name without its ending is one.
  const images = async () => ({ paths: IMAGES, folder });
  const [known] = await summariseTables([file("c.csv", ["id,n", "9,2"])], { images });
  expect(known).toMatchObject({ columns: ["n"], problem: null });
});

test("tables beside the images are found; what is none is left out, and said only of a file that was chosen", async () => {
  file("prices.csv", ["item,price", "tea,3"]);
  writeFileSync(join(folder, "broken.parquet"), "not parquet");
  const meta = file("meta.csv", ["path,x", "cats/1.png,1"]);
  const inner = file("cats/labels.tsv", ["path\tlabel", "1.png\ttabby"]);
  expect(await findTables([folder, join(folder, "cats"), join(folder, "none")])).toEqual([
    { file: meta, columns: ["x"], problem: null },
    { file: inner, columns: ["label"], problem: null },
  ]);
  expect((await summariseTable(join(folder, "broken.parquet"))).problem).toMatch(/broken\.parquet is no Parquet file/);
});

test("a table of other images, a column that is not there, an empty file and a missing one say what is wrong", async () => {
  await expect(read(file("a.csv", ["path,x", "no.png,1"]), "x")).rejects.toThrow(/names none of the images.*no\.png/);
  await expect(read(file("b.csv", ["path,x", "cats/1.png,1"]), "y")).rejects.toThrow(
    'has no column "y". It has path, x',
  );
  await expect(read(file("c.csv", []), "x")).rejects.toThrow("c.csv is empty");
  await expect(read(join(folder, "d.csv"), "x")).rejects.toThrow(/d\.csv: the file is gone/);
});

test("as labels every value is one, numbers as well; what is missing is none, and no row is neither", async () => {
  const table = file("meta.csv", [
    "path,grade,taken,word",
    "cats/1.png, 1.50 ,2024-01-02,a",
    "cats/2.png,2,2024-01-02,NaN",
    "dogs/1.png,NaN,,",
  ]);
  const labels = async (column: string) => (await readImageLabels(table, column, IMAGES, folder)).labels;
  expect(await labels("grade")).toEqual({ kind: "category", names: ["1.50", "2"], codes: Int32Array.of(0, 1, -1, -1) });
  expect(await labels("taken")).toMatchObject({ names: ["2024-01-02"], codes: Int32Array.of(0, 0, -1, -1) });
  expect(await labels("word")).toMatchObject({ names: ["NaN", "a"], codes: Int32Array.of(1, 0, -1, -1) });
  await expect(labels("colour")).rejects.toThrow(/meta\.csv has no column "colour"\. It has path, grade/);
});

test("labels of a table that names none of the images are none; what it names is told", async () => {
  const table = file("meta.csv", ["path,label", "x/1.png,a", 'y.png,"b"c']);
  const { labels, notes } = await readImageLabels(table, "label", IMAGES, folder);
  expect(labels).toEqual({ kind: "category", names: [], codes: Int32Array.of(-1, -1, -1, -1) });
  expect(notes).toMatchObject({
    images: 4,
    matched: 0,
    unknown: { count: 2, first: ["x/1.png", "y.png"] },
    oddLines: { count: 1, first: [3] },
  });
});

test("a column of ten thousand labels is read, the most frequent first", async () => {
  const images = Array.from({ length: 10_001 }, (_, i) => `${i}.png`);
  const rows = images.map((path, i) => `${path},label ${i === 10_000 ? 7 : i}`);
  const { labels } = await readImageLabels(file("many.csv", ["path,label", ...rows]), "label", images, folder);
  expect(labels.names).toHaveLength(10_000);
  expect(labels.names[0]).toBe("label 7");
  expect([labels.codes[7], labels.codes[10_000]]).toEqual([0, 0]);
});

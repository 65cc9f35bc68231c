import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvRecord } from "../../../src/core/tables/csvWriter.ts";
import { openTable } from "../../../src/core/tables/openTable.ts";
import { readAll, readText, tableFile } from "./tables.ts";

const read = async (text: string | Uint8Array) => {
  const { columns, rows, odd } = await readText(text);
  return { columns, rows, odd };
};
const ONE = { columns: ["path", "x"], rows: [["a.png", "1"]], odd: [] };

test("whatever is written by RFC 4180 is read back as it was", async () => {
  const field = fc.string({ unit: fc.constantFrom("a", "é", ",", '"', "\n", "\r\n", " ", ";", "7") });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(field, field, field), { maxLength: 8 }), async (rows) => {
      const text = ["a,b,c\r\n", ...rows.map(csvRecord)].join("");
      expect(await read(text)).toEqual({ columns: ["a", "b", "c"], rows, odd: [] });
    }),
  );
});

describe("how programs write tables", () => {
  test.each([
    ["commas", "path,x\na.png,1\n"],
    ["semicolons", "path;x\na.png;1"],
    ["bars", "path|x\na.png|1\n"],
    ["tabs, a mark at the start, Windows line ends and empty lines", "\uFEFFpath\tx\r\n\r\na.png\t1\r\n\r\n"],
    ["Excel's line that names the separator", "sep=;\r\npath;x\r\na.png;1\r\n"],
    ["the same, of a separator that nothing else knows", "sep=^\r\npath^x\r\na.png^1\r\n"],
    ["the same in quotes and capitals, behind a mark", '\uFEFF"SEP=\t"\r\npath\tx\r\na.png\t1\r\n'],
    ["PowerShell's line that names the type", '#TYPE System.IO.FileInfo\r\n"path","x"\r\n"a.png","1"\r\n'],
    ["both", "#TYPE A\r\nsep=|\r\npath|x\r\na.png|1\r\n"],
    ["a lone carriage return at line ends", "path,x\ra.png,1\r"],
  ])("%s", async (_, text) => {
    expect(await read(text)).toEqual(ONE);
  });

  test("a header that fits two separators is split as its rows are", async () => {
    expect((await read("size, kB;path\n1,5;a.png\n2,5;b.png\n")).columns).toEqual(["size, kB", "path"]);
  });

  test("UTF-16 by its mark, either way", async () => {
    const text = Buffer.from("\uFEFFpath\tkind\r\na.png\tcafé 猫\r\n", "utf16le");
    for (const bytes of [Buffer.from(text), Buffer.from(text).swap16()]) {
      expect(await readText(bytes)).toEqual({
        columns: ["path", "kind"],
        rows: [["a.png", "café 猫"]],
        odd: [],
        windows1252: false,
      });
    }
  });

  test("what is no UTF-8 is read as Windows-1252, and said", async () => {
    const { rows, windows1252 } = await readText(Buffer.from("path,kind\na.png,caf\xE9 \x80 \x93x\x94\n", "latin1"));
    expect(rows).toEqual([["a.png", "café € “x”"]]);
    expect(windows1252).toBe(true);
    expect((await readText("path,kind\na.png,café €\n")).windows1252).toBe(false);
    // A letter that is cut in two by the end of the file is none.
    expect((await readText(Buffer.concat([Buffer.from("path\na.png "), Buffer.from([0xc3])]))).windows1252).toBe(true);
  });
});

test("quotes hold commas, line ends and doubled quotes", async () => {
  expect(await read('path,label\r"a ""b"", c.png","x\ny"\rlast,\r')).toEqual({
    columns: ["path", "label"],
    rows: [
      ['a "b", c.png', "x\ny"],
      ["last", ""],
    ],
    odd: [],
  });
});

test("blanks before a field in quotes belong to no field; elsewhere they stay", async () => {
  expect(await read('path, label\na.png, "big, red"\nb.png,  "say ""no"", twice" \nc.png, plain\n')).toEqual({
    columns: ["path", "label"],
    rows: [
      ["a.png", "big, red"],
      ["b.png", 'say "no", twice'],
      ["c.png", "plain"],
    ],
    odd: [],
  });
  expect((await read('path;label\na.png; "big; red"\n')).rows).toEqual([["a.png", "big; red"]]);
  // Inside of a field in quotes there may be anything, and without one blanks are a part of the field.
  expect((await read('path,label\na.png,"x, ""y"", z"\nb.png, z\n')).rows).toEqual([
    ["a.png", 'x, "y", z'],
    ["b.png", " z"],
  ]);
});

test("a million blanks beside quotes hold nothing up", async () => {
  const { rows } = await read(`path,x,y\na.png, "b", c\nb.png, "b",c${" ".repeat(1_000_000)}d\n`);
  expect(rows).toHaveLength(2);
});

test("odd quoting is read as it stands, loses nothing behind it, and its lines are told", async () => {
  const text = [
    "path,x",
    'a "quoted" one.png,1',
    '"b.png" and more,2',
    'c.png,"two\r\nlines"',
    'd.png,"never closed',
    "e.png,5",
  ];
  expect(await read(text.join("\r\n"))).toEqual({
    columns: ["path", "x"],
    rows: [
      ['a "quoted" one.png', "1"],
      ['"b.png" and more', "2"],
      ["c.png", "two\r\nlines"],
      ["d.png", '"never closed'],
      ["e.png", "5"],
    ],
    odd: [2, 3, 6],
  });
});

test("records of another length are filled or cut and told; names that come twice get a number", async () => {
  expect(await read("p,x,x\na\nb,1,2,3\nc,4,5\n")).toEqual({
    columns: ["p", "x", "x (2)"],
    rows: [
      ["a", "", ""],
      ["b", "1", "2"],
      ["c", "4", "5"],
    ],
    odd: [2, 3],
  });
});

test("as many columns as may be, all of one name, with rows of two values: each has a number, and nothing is held up", async () => {
  const names = Array.from({ length: 20_000 }, (_, i) => (i === 0 ? "c" : `c (${i + 1})`));
  const { columns, rows, odd } = await readText(`c${",c".repeat(19_999)}\n${"a.png,x\n".repeat(3)}`);
  expect(columns).toEqual(names);
  expect(rows.map((row) => row.slice(0, 3))).toEqual(Array(3).fill(["a.png", "x", ""]));
  expect(odd).toEqual([2, 3, 4]);
});

test("a hundred thousand lines that each open a quote are read at once", async () => {
  const { rows } = await read(`path,x\n${'"a,1\n'.repeat(100_000)}`);
  expect(rows.length).toBeGreaterThan(0);
});

describe("what is no table of images is refused in words", () => {
  test.each([
    ["an empty file", "", /is empty\. A table has a header/],
    ["zero bytes", "a\u0000b,c\n", /zero bytes/],
    ["a line of millions of commas", `path,x\n${",".repeat(5_000_000)}`, /a line of more than 4 million characters/],
    ["a header of a hundred thousand columns", `${"c,".repeat(100_000)}c\n`, /more than 20000 columns/],
    [
      "one of a million, with short rows",
      `path${",c".repeat(999_999)}\n${"a.png,x\n".repeat(9)}`,
      /more than 20000 columns/,
    ],
    ["one of a million longer ones", `path${",column".repeat(999_999)}\na.png,x\n`, /more than 4 million characters/],
    ["a spreadsheet", "PK\u0003\u0004rest", /a spreadsheet or another archive\. Save the table as CSV/],
    ["JSON", '\n[ {"path": "a.png"} ]', /is JSON\. Save the table as CSV or Parquet/],
    ["JSON, line by line", '{"path":"a.png","label":"x"}\n{"path":"b.png"}\n', /is JSON\. Save the table/],
    ["a web page", "\ufeff<!DOCTYPE html><html></html>", /is a web page or XML\. Save the table/],
    ["what is packed", Buffer.from([0x1f, 0x8b, 8, 0]), /packed with gzip/],
    [
      "quotes that never close, again and again",
      `path,x\n${'a,"b\n'.repeat(61)}`,
      /^(?!.*quote)|quotes that never close/,
    ],
  ])("%s", async (_, text, says) => {
    const outcome = await readText(text).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(outcome).toMatch(says);
  });

  test("a folder, a pipe, a file that is not there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lookalike-pipes-"));
    try {
      await expect(openTable(folder)).rejects.toThrow(/is a folder/);
      await expect(openTable(join(folder, "none.csv"))).rejects.toThrow(/the file is gone/);
      if (process.platform === "win32") return;
      execFileSync("mkfifo", [join(folder, "pipe.csv")]);
      await expect(openTable(join(folder, "pipe.csv"))).rejects.toThrow(/is a pipe or a device/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("a message never holds what a terminal obeys", async () => {
    const file = tableFile("path,x\na.png,1\n", "\u001b[31m.parquet");
    await expect(openTable(file)).rejects.toThrow(/\\u001b\[31m\.parquet is no Parquet file/);
  });
});

test("only the columns that are asked for are handed on, in their order", async () => {
  const { rows } = await readAll(tableFile("a,b,c\n1,2,3\n"), ["c", "a"]);
  expect(rows).toEqual([["3", "1"]]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCsv } from "../../../src/core/tables/csv.ts";
import { csvRecord } from "../../../src/core/tables/csvWriter.ts";

test("whatever is written by RFC 4180 is read back as it was", () => {
  const field = fc.string({ unit: fc.constantFrom("a", "é", ",", '"', "\n", "\r\n", " ", ";", "7") });
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field, field), { maxLength: 8 }), (rows) => {
      const { header, records, oddLines } = parseCsv(["a,b,c\r\n", ...rows.map(csvRecord)].join(""));
      expect(header).toEqual(["a", "b", "c"]);
      expect(records).toEqual(rows);
      expect(oddLines).toEqual([]);
    }),
  );
});

test.each([
  ["commas", "path,x\na.png,1\n"],
  ["semicolons", "path;x\na.png;1"],
  ["tabs, a mark at the start, Windows line ends and empty lines", "\uFEFFpath\tx\r\n\r\na.png\t1\r\n\r\n"],
])("%s", (_, text) => {
  expect(parseCsv(text)).toEqual({ header: ["path", "x"], records: [["a.png", "1"]], oddLines: [] });
});

test("quotes hold commas, line ends and doubled quotes; a lone carriage return ends a line too", () => {
  expect(parseCsv('path,label\r"a ""b"", c.png","x\ny"\rlast,\r')).toEqual({
    header: ["path", "label"],
    records: [
      ['a "b", c.png', "x\ny"],
      ["last", ""],
    ],
    oddLines: [],
  });
});

test("odd quoting is read as it stands, loses nothing behind it, and its lines are told", () => {
  const text = [
    "path,x",
    'a "quoted" one.png,1',
    '"b.png" and more,2',
    'c.png,"two\nlines"',
    'd.png,"never closed',
    "e.png,5",
  ];
  expect(parseCsv(text.join("\n"))).toEqual({
    header: ["path", "x"],
    records: [
      ['a "quoted" one.png', "1"],
      ["b.png and more", "2"],
      ["c.png", "two\nlines"],
      ["d.png", '"never closed'],
      ["e.png", "5"],
    ],
    oddLines: [2, 3, 6],
  });
});

test("records of another length are filled or cut and told; names that come twice get a number", () => {
  expect(parseCsv("p,x,x\na\nb,1,2,3\nc,4,5\n")).toEqual({
    header: ["p", "x", "x (2)"],
    records: [
      ["a", "", ""],
      ["b", "1", "2"],
      ["c", "4", "5"],
    ],
    oddLines: [2, 3],
  });
  expect(parseCsv("")).toEqual({ header: [], records: [], oddLines: [] });
});

test("a hundred thousand lines that each open a quote are read at once", () => {
  const { records } = parseCsv(`path,x\n${'"a,1\n'.repeat(100_000)}`);
  expect(records.length).toBeGreaterThan(0);
});

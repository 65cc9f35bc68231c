import fc from "fast-check";
import { expect, test } from "vitest";
import { shortFloat, writeCsv } from "../../../src/core/export/csv.ts";
import { csvRecord } from "../../../src/core/tables/csvWriter.ts";
import { guardFormula, withoutGuard } from "../../../src/shared/index.ts";
import { collector, combinedOf, PATHS, snapshotOf, unitRows } from "./snapshot.ts";

/** Reads CSV by RFC 4180, character by character. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (character === '"') {
      expect(field).toBe("");
      quoted = true;
    } else if (character === "," || (character === "\r" && text[i + 1] === "\n")) {
      record.push(field);
      field = "";
      if (character === ",") continue;
      records.push(record);
      record = [];
      i++;
    } else field += character;
  }
  expect({ quoted, field, record }).toEqual({ quoted: false, field: "", record: [] });
  return records;
}

test("any texts come back from a record", () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", "a", " ", "é", "🦊") }));
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 1 }), { maxLength: 5 }), (records) => {
      expect(readCsv(records.map(csvRecord).join(""))).toEqual(records);
    }),
  );
});

test("any float32 comes back from its text", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Math.fround(Number(shortFloat(value))) - value).toBe(0);
    }),
    { numRuns: 2000 },
  );
});

test("has a header, and a record per image with its branches and combined", async () => {
  const rows = unitRows(PATHS.length);
  const { write, bytes } = collector();
  await writeCsv(snapshotOf(PATHS, rows), write);
  const [header, ...records] = readCsv(bytes().toString());
  expect(header!.join()).toBe(
    "path,spoc_0,spoc_1,gem_0,gem_1,gem_2,combined_0,combined_1,combined_2,combined_3,combined_4",
  );
  expect(records.map(([path]) => path)).toEqual(PATHS);
  for (const [r, row] of rows.entries()) {
    const values = records[r]!.slice(1).map(Number);
    for (const [i, x] of [...row, ...combinedOf(row)].entries()) expect(values[i]).toBeCloseTo(x, 6);
  }
});

test("paths that a spreadsheet would take for formulas come back as they were", () => {
  for (const path of [
    "=1+1.png",
    "-a.png",
    "+a.png",
    "@a.png",
    "\ta.png",
    "a=b.png",
    "'a.png",
    "",
    "'=a.png",
    "''@a",
    "\n=a",
    "\uff1da",
  ]) {
    expect(withoutGuard(guardFormula(path))).toBe(path);
    expect(guardFormula(path)).not.toMatch(/^[=+\-@\t\n\uff1d]/);
  }
});

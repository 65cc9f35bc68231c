import { DataType, tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { writeArrow } from "../../../src/core/export/arrow.ts";
import { collector, combinedOf, PATHS, snapshotOf, unitRows } from "./snapshot.ts";

async function table(paths: readonly string[], rows: readonly number[][]) {
  const { write, bytes } = collector();
  await writeArrow(snapshotOf(paths, rows), write);
  return { table: tableFromIPC(bytes()), bytes: bytes() };
}

test("is an Arrow file with paths, fixed-size lists and the model in its metadata", async () => {
  const { table: read, bytes } = await table(PATHS, unitRows(PATHS.length));
  expect(bytes.subarray(0, 6).toString()).toBe("ARROW1");
  expect(bytes.subarray(-6).toString()).toBe("ARROW1");
  expect(Object.fromEntries(read.schema.metadata)).toEqual({ model: "tiny", fingerprint: "abc123" });
  expect(read.schema.fields.map((field) => `${field.name}: ${field.type}`)).toEqual([
    "path: Utf8",
    "spoc: FixedSizeList[2]<Float32>",
    "gem: FixedSizeList[3]<Float32>",
    "combined: FixedSizeList[5]<Float32>",
  ]);
  expect(DataType.isUtf8(read.schema.fields[0]!.type)).toBe(true);
});

test.each([1, 256, 600])("%i images come back, in order", async (count) => {
  const paths = Array.from({ length: count }, (_, i) => `${PATHS[i % PATHS.length]}-${i}`);
  const rows = unitRows(count);
  const { table: read } = await table(paths, rows);
  expect(read.numRows).toBe(count);
  const found = read.toArray();
  for (const [i, row] of rows.entries()) {
    expect(found[i].path).toBe(paths[i]);
    const values = [...found[i].spoc, ...found[i].gem, ...found[i].combined] as number[];
    const expected = [...row, ...combinedOf(row)];
    for (const [j, x] of expected.entries()) expect(values[j]).toBeCloseTo(x, 6);
  }
});

/** What a CSV file may hold as a whole, with limits that are reached at once. */
import { expect, test, vi } from "vitest";
import { readAll, tableFile } from "./tables.ts";

vi.mock("../../../src/core/tables/limits.ts", async (load) => {
  const { LIMITS, SLICE } = await load<typeof import("../../../src/core/tables/limits.ts")>();
  return { LIMITS: { ...LIMITS, rows: 100_000, cells: 400_000 }, SLICE };
});

const table = (columns: number, rows: number) =>
  tableFile(`path${",c".repeat(columns - 1)}\n${`a${",1".repeat(columns - 1)}\n`.repeat(rows)}`);

test("as many rows as may be are read, one more refuses the table in words", async () => {
  expect((await readAll(table(2, 100_000), ["path"])).rows).toHaveLength(100_000);
  await expect(readAll(table(2, 100_001), ["path"])).rejects.toThrow(
    /has more than 0\.1 million rows or 0\.4 million cells\. Choose a smaller table/,
  );
});

test("cells count whether or not somebody asks for them", async () => {
  expect((await readAll(table(8, 49_999), ["path"])).rows).toHaveLength(49_999);
  await expect(readAll(table(8, 50_000), ["path"])).rejects.toThrow(/0\.4 million cells/);
});

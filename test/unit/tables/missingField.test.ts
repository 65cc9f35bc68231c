import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readImageLabels, TableError } from "../../../src/core/tables/index.ts";
import { FORMATS } from "../../fixtures/wholeFiles.ts";

const root = mkdtempSync(join(tmpdir(), "lookalike-field-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("a Parquet file whose description lacks a field that each has is damaged", async () => {
  const { whole } = await FORMATS.parquet();
  const bytes = Buffer.from(whole[1]!.bytes);
  // Found by `npm run soak -- files parquet --seed 13`: a column without its path.
  for (const [at, value] of [
    [28, 129],
    [265, 2],
    [336, 213],
    [589, 1],
    [616, 114],
    [746, 4],
    [760, 33],
    [778, 56],
    [833, 61],
  ] as const)
    bytes[at] = value;
  const file = join(root, "a.parquet");
  writeFileSync(file, bytes);
  await expect(readImageLabels(file, "label", ["cats/1.png"], root)).rejects.toThrow(TableError);
});

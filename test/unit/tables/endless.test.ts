import { setTimeout as sleep } from "node:timers/promises";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, expect, test, vi } from "vitest";
import { readImageLabels } from "../../../src/core/tables/index.ts";
import { tableFile } from "./tables.ts";

afterEach(() => {
  vi.useRealTimers();
});

const ROWS = 40;
const images = Array.from({ length: ROWS }, (_, i) => `cats/${i}.png`);

function table(): Buffer {
  const columnData = [
    { name: "path", data: images, type: "STRING" as const, nullable: false },
    { name: "label", data: images.map((_, i) => (i === 7 ? null : `kind ${i}`)), type: "STRING" as const },
  ];
  return Buffer.from(parquetWriteBuffer({ columnData, codec: "UNCOMPRESSED" }));
}

/** The same with a run of definition levels that is 2^30 values long. */
function endless(): Buffer {
  const bytes = table();
  // Eight levels bit by bit, then a run of 32 ones.
  const at = bytes.indexOf(Buffer.from([3, 0x7f, 32 << 1, 1])) + 2;
  expect(at).toBeGreaterThan(2);
  Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x07, 1]).copy(bytes, at);
  return bytes;
}

test("a table whose reader does not come to an end is let go, and the next one is read", async () => {
  const file = tableFile(endless(), "parquet");
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const reading = readImageLabels(file, "label", images, "/");
  const refused = expect(reading).rejects.toThrow(/takes too long to read\. Save it again/);
  // So long that the worker has begun: from there on nothing is heard of it.
  await sleep(1500);
  await vi.advanceTimersByTimeAsync(40_000);
  await refused;
  vi.useRealTimers();
  expect((await readImageLabels(tableFile(table(), "parquet"), "label", images, "/")).notes.matched).toBe(ROWS);
}, 60_000);

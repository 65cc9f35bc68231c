import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Projection, writeLayout } from "../../../src/core/projection/index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-layout-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const quality = { trustworthiness: 1, neighbourPreservation: 1, alignmentResidual: null };
const paths = ["a/plain.png", 'b/with "quotes", and comma.png', "c/ünïcode 象.png"];
const points = { mac: Float32Array.of(0.1, -2, 1e-7, 12345.678, -0.5, 3), combined: Float32Array.of(1, 2, 3, 4, 5, 6) };
const projection = {
  paths,
  maps: new Map(Object.entries(points).map(([name, values]) => [name, { points: values, quality }])),
} as unknown as Projection;

const names = ["path", "mac_x", "mac_y", "combined_x", "combined_y"];
const values = (row: number) => [
  ...points.mac.subarray(2 * row, 2 * row + 2),
  ...points.combined.subarray(2 * row, 2 * row + 2),
];

test("CSV: one line per image, quoted where it has to be, numbers that bring the float32 back", async () => {
  const file = join(root, "l.csv");
  await writeLayout(projection, ["mac", "combined"], file);
  const lines = readFileSync(file, "utf8").split("\r\n");
  expect(lines[0]).toBe(names.join(","));
  expect(lines[1]).toBe("a/plain.png,0.1,-2,1,2");
  expect(lines[2]).toMatch(/^"b\/with ""quotes"", and comma\.png",/);
  expect(lines).toHaveLength(5);
  const cells = lines[2]!.split(",").slice(-4).map(Number);
  expect(cells.map(Math.fround)).toEqual(values(1));
});

test("JSON: an array of objects with the same columns", async () => {
  const file = join(root, "l.JSON");
  await writeLayout(projection, ["mac", "combined"], file);
  const rows = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>[];
  expect(rows.map((row) => row["path"])).toEqual(paths);
  expect(Object.keys(rows[0]!)).toEqual(names);
  expect(Math.fround(rows[1]!["mac_y"] as number)).toBe(points.mac[3]);
});

test("Parquet: another library reads the same rows", async () => {
  const file = join(root, "l.parquet");
  await writeLayout(projection, ["mac", "combined"], file);
  const bytes = readFileSync(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file: buffer });
  expect(rows).toEqual(
    paths.map((path, row) => Object.fromEntries(names.map((name, i) => [name, [path, ...values(row)][i]]))),
  );
});

test("only some images, in the order they are asked for", async () => {
  const file = join(root, "l.csv");
  await writeLayout(projection, ["combined"], file, [2, 0]);
  const lines = ["path,combined_x,combined_y", "c/ünïcode 象.png,5,6", "a/plain.png,1,2", ""];
  expect(readFileSync(file, "utf8").split("\r\n")).toEqual(lines);
});

test("no images, an ending that is none, a folder that is not there", async () => {
  const empty = {
    paths: [],
    maps: new Map([["mac", { points: new Float32Array(), quality }]]),
  } as unknown as Projection;
  for (const ending of ["csv", "json", "parquet"]) await writeLayout(empty, ["mac"], join(root, `empty.${ending}`));
  expect(readFileSync(join(root, "empty.csv"), "utf8")).toBe("path,mac_x,mac_y\r\n");
  expect(readFileSync(join(root, "empty.json"), "utf8")).toBe("[]\n");
  await expect(writeLayout(projection, ["mac"], join(root, "l.xlsx"))).rejects.toThrow(
    /Use \.csv, \.json or \.parquet/,
  );
  await expect(writeLayout(projection, ["mac"], join(root, "no", "l.csv"))).rejects.toThrow(/l\.csv cannot be written/);
});

test("a full disk leaves the old file as it was", async (context) => {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", root], { stdio: "pipe" });
  } catch {
    return context.skip("no file system can be mounted here (not root)");
  }
  try {
    const old = join(root, "old.csv");
    writeFileSync(old, "old");
    writeFileSync(join(root, "filler"), Buffer.alloc(48 << 10));
    const paths = Array.from({ length: 2000 }, (_, i) => `some folder/${i}.png`);
    const maps = new Map([["mac", { points: new Float32Array(4000), quality }]]);
    const large = { paths, maps } as unknown as Projection;
    await expect(writeLayout(large, ["mac"], old)).rejects.toThrow(/old\.csv cannot be written: the disk is full/);
    expect(readFileSync(old, "utf8")).toBe("old");
    expect(readdirSync(root).sort()).toEqual(["filler", "old.csv"]);
  } finally {
    execFileSync("umount", ["-l", root]);
  }
});

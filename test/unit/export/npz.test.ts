import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { npyHeader, npySize, npyTexts, textLayout } from "../../../src/core/export/npy.ts";
import { writeNpz } from "../../../src/core/export/npz.ts";
import { collector, combinedOf, PATHS, snapshotOf, unitRows } from "./snapshot.ts";

interface Npy {
  readonly dtype: string;
  readonly shape: number[];
  readonly data: Buffer;
}

/** Reads a `.npy` file as numpy.lib.format describes it, independent of the code that writes it. */
function readNpy(file: Uint8Array): Npy {
  const bytes = Buffer.from(file);
  expect(bytes.subarray(0, 8).toString("latin1")).toBe("\x93NUMPY\x01\x00");
  const start = 10 + bytes.readUInt16LE(8);
  expect(start % 64).toBe(0);
  const header = bytes.subarray(10, start).toString("latin1");
  expect(header.endsWith("\n")).toBe(true);
  const [, dtype, shape] = /^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(([^)]*)\), \} *\n$/.exec(header)!;
  const axes = shape!.split(",").filter((axis) => axis.trim() !== "");
  return { dtype: dtype!, shape: axes.map(Number), data: bytes.subarray(start) };
}

function readTexts({ dtype, shape, data }: Npy): string[] {
  const width = Number(/^<U(\d+)$/.exec(dtype)![1]);
  expect(data).toHaveLength(shape[0]! * width * 4);
  return Array.from({ length: shape[0]! }, (_, t) => {
    const points = Array.from({ length: width }, (_, c) => data.readUInt32LE((t * width + c) * 4));
    return String.fromCodePoint(...points.filter((point) => point !== 0));
  });
}

function readRows({ dtype, shape, data }: Npy): number[][] {
  expect(dtype).toBe("<f4");
  const [rows, dim] = shape as [number, number];
  expect(data).toHaveLength(rows * dim * 4);
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: dim }, (_, i) => data.readFloatLE((r * dim + i) * 4)),
  );
}

async function npz(paths: readonly string[], rows: readonly number[][]): Promise<Buffer> {
  const { write, bytes } = collector();
  await writeNpz(snapshotOf(paths, rows), "vectors.npz", write);
  return bytes();
}

function near(actual: readonly number[][], expected: readonly number[][]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [r, row] of expected.entries()) {
    expect(actual[r]).toHaveLength(row.length);
    for (const [i, x] of row.entries()) expect(actual[r]![i]).toBeCloseTo(x, 6);
  }
}

test("holds the paths and a matrix per branch and combined", async () => {
  const rows = unitRows(PATHS.length);
  const files = unzipSync(await npz(PATHS, rows));
  expect(Object.keys(files)).toEqual(["paths.npy", "spoc.npy", "gem.npy", "combined.npy"]);
  const paths = readNpy(files["paths.npy"]!);
  expect(paths.dtype).toBe("<U19");
  expect(readTexts(paths)).toEqual(PATHS);
  near(
    readRows(readNpy(files["spoc.npy"]!)),
    rows.map((row) => row.slice(0, 2)),
  );
  near(
    readRows(readNpy(files["gem.npy"]!)),
    rows.map((row) => row.slice(2)),
  );
  const combined = readRows(readNpy(files["combined.npy"]!));
  near(combined, rows.map(combinedOf));
  for (const row of combined) expect(Math.hypot(...row)).toBeCloseTo(1, 6);
});

test.each([1, 255, 256, 257, 600])("%i images: every row is there once, in order", async (count) => {
  const paths = Array.from({ length: count }, (_, i) => `${String(i).padStart(4, "0")}.png`);
  const rows = unitRows(count);
  const files = unzipSync(await npz(paths, rows));
  expect(readTexts(readNpy(files["paths.npy"]!))).toEqual(paths);
  near(readRows(readNpy(files["combined.npy"]!)), rows.map(combinedOf));
});

test("the same vectors give the same bytes", async () => {
  const one = await npz(PATHS, unitRows(PATHS.length));
  expect((await npz(PATHS, unitRows(PATHS.length))).equals(one)).toBe(true);
});

test("a file beyond 4 GiB is refused before anything is written", async () => {
  // A numpy unicode array is as wide as its longest text, for every text.
  const paths = ["x".repeat(2_000), ...new Array<string>(549_999).fill("x")];
  const written = collector();
  await expect(writeNpz(snapshotOf(paths, []), "huge.npz", written.write)).rejects.toThrow(
    /huge\.npz would have 4\.1 GiB.*\.arrow/,
  );
  expect(written.bytes()).toHaveLength(0);
});

test("sizes are known before the file is written", () => {
  const layout = textLayout(PATHS);
  expect(npySize(layout)).toBe(npyHeader(layout).length + npyTexts(PATHS, layout.width).length);
  expect(npySize({ dtype: "<f4", shape: [7, 5] })).toBe(128 + 140);
});

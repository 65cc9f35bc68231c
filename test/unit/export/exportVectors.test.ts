import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { unzipSync } from "fflate";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EmbedderPool, exportVectors, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import { buildModel, parseDescriptors } from "../../../src/core/model/index.ts";
import { PIXELS } from "../model/pixelsBackbone.ts";

/** Code points in order; UTF-16 code units would put the fox before the fullwidth letter. */
const NAMES = ["a b.png", "a,b.png", "sub/it's #1.png", "ａ.png", "🦊.png"];

let root: string;
let folder: string;
let index: FolderIndex;
const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-export-"));
  folder = join(root, "images");
  mkdirSync(join(folder, "sub"), { recursive: true });
  for (const [i, name] of [...NAMES].reverse().entries()) {
    const background = `rgb(${40 * i + 20},${200 - 30 * i},90)`;
    await sharp({ create: { width: 9, height: 9, channels: 3, background } })
      .png()
      .toFile(join(folder, name));
  }
  const model = join(root, "model.onnx");
  writeFileSync(model, buildModel({ name: "pixels", backbone: PIXELS, branches: parseDescriptors("SM") }));
  index = await FolderIndex.open(folder, pool, model, { location: join(root, "indexes") });
});
afterAll(async () => {
  await index.close();
  await pool.release();
  rmSync(root, { recursive: true, force: true });
});

test("an empty index is an error that says how to index", async () => {
  const file = join(root, "none.npz");
  await expect(exportVectors(index, file)).rejects.toThrow(/images is not indexed\. Index it first/);
  expect(existsSync(file)).toBe(false);
  await index.update();
});

test("writes what is indexed, in path order, in three formats", async () => {
  const summary = await exportVectors(index, join(root, "vectors.npz"));
  expect(summary).toMatchObject({ format: "npz", images: 5, dims: { spoc: 3, mac: 3, combined: 6 } });
  expect(summary.bytes).toBe(readFileSync(summary.file).length);
  const spoc = Buffer.from(unzipSync(readFileSync(summary.file))["spoc.npy"]!).subarray(128);

  const arrow = await exportVectors(index, join(root, "vectors.ARROW"));
  const rows = tableFromIPC(readFileSync(arrow.file)).toArray();
  expect(rows.map((row) => row.path)).toEqual(NAMES);
  for (const [r, row] of rows.entries()) {
    for (const [i, value] of [...row.spoc].entries()) expect(spoc.readFloatLE((3 * r + i) * 4)).toBe(value);
    expect(Math.hypot(...row.combined)).toBeCloseTo(1, 6);
  }

  const csv = await exportVectors(index, join(root, "vectors.csv"));
  expect(readFileSync(csv.file, "utf8").split("\r\n")[2]!.startsWith('"a,b.png",')).toBe(true);
});

test("a snapshot keeps its state while the index changes", async () => {
  const snapshot = await index.snapshot();
  rmSync(join(folder, NAMES[0]!));
  expect(await index.update()).toMatchObject({ removed: 1 });
  let count = 0;
  for await (const row of snapshot.rows()) {
    expect(Math.hypot(...row.subarray(0, 3))).toBeCloseTo(1, 6);
    count++;
  }
  await snapshot.close();
  expect([count, snapshot.paths.length]).toEqual([5, 5]);
  const after = await index.snapshot();
  expect(after.paths).toEqual(NAMES.slice(1));
  await after.close();
});

test.each([
  ["an unknown ending", "vectors.txt", /vectors\.txt has no ending that is known here.*\.npz, \.arrow or \.csv/],
  ["no ending", "vectors", /no ending/],
  ["a folder that is not there", "nowhere/vectors.npz", /its folder does not exist\. Make the folder/],
  ["the name of a folder", "taken.npz", /a folder has that name/],
])("%s is an error that says what to do", async (_, name, message) => {
  mkdirSync(join(root, "taken.npz", "full"), { recursive: true });
  const run = exportVectors(index, join(root, name));
  await expect(run).rejects.toThrow(message);
  expect(readdirSync(root).filter((file) => file.endsWith(".part"))).toEqual([]);
});

test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
  "a place without permission is named",
  async () => {
    const locked = join(root, "locked");
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    await expect(exportVectors(index, join(locked, "v.csv"))).rejects.toThrow(/no permission to write there/);
  },
);

test("a failed export leaves the file of the last one", async () => {
  const file = join(root, "kept.csv");
  await exportVectors(index, file);
  const before = readFileSync(file);
  const broken: Pick<FolderIndex, "folder" | "snapshot" | "weights"> = {
    folder,
    weights: async () => null,
    snapshot: async () => ({
      ...(await index.snapshot()),
      // biome-ignore lint/correctness/useYield: fails at the first row
      async *rows(): AsyncGenerator<Float32Array> {
        throw new Error("the disk went away");
      },
    }),
  };
  await expect(exportVectors(broken, file)).rejects.toThrow("the disk went away");
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readdirSync(root).filter((name) => name.endsWith(".part"))).toEqual([]);
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CancellationToken } from "vscode-jsonrpc/node";
import { Folders } from "../../../src/engine/folders.ts";
import { engineHandlers } from "../../../src/engine/handlers.ts";
import { type ColumnChoice, DEFAULT_PROJECTION } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const COLUMNS = ["spoc", "mac", "combined"];
let root: string;
let folder: string;
let paths: readonly string[];
let handlers: ReturnType<typeof engineHandlers>;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-columns-"));
  folder = join(root, "images");
  mkdirSync(join(folder, "warm"), { recursive: true });
  mkdirSync(join(folder, "@cold"));
  for (let i = 0; i < 12; i++) {
    const warm = i % 2 === 0;
    const background = warm ? { r: 250, g: 8 * i, b: 3 } : { r: 3, g: 8 * i, b: 250 };
    await sharp({ create: { width: 8 + i, height: 10, channels: 3, background } })
      .png()
      .toFile(join(folder, warm ? "warm" : "@cold", `${i}.png`));
  }
  writeFileSync(join(folder, "meta.csv"), "path,group\nwarm/0.png,a\n@cold/1.png,b\nnone.png,c\n");
  writeFileSync(join(root, "model.onnx"), tinyModel("model", "SM"));
  handlers = engineHandlers(new Folders(join(root, "model.onnx"), () => {}, join(root, "models")), () => {});
  await handlers["folder/index"](there(), CancellationToken.None);
  const run = { ...there(), run: 1, parameters: DEFAULT_PROJECTION };
  paths = (await handlers["projection/run"](run, CancellationToken.None)).paths;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const there = () => ({ folder, location: join(root, "indexes") });
const column = (choice: ColumnChoice) =>
  handlers["projection/column"]({ ...there(), parameters: DEFAULT_PROJECTION, column: choice }, CancellationToken.None);
const numberOf = (path: string) => Number(/(\d+)\.png$/.exec(path)![1]);

test("size and date are those of the files", async () => {
  const pixels = (await column({ kind: "pixels" })).column;
  expect(pixels).toMatchObject({
    unit: "pixels",
    values: Float64Array.from(paths, (path) => 10 * (8 + numberOf(path))),
  });
  const modified = (await column({ kind: "modified" })).column;
  expect(modified).toMatchObject({
    unit: "date",
    values: Float64Array.from(paths, (path) => statSync(join(folder, path)).mtimeMs),
  });
});

test("moved is a share per image; a descriptor that is not there is refused", async () => {
  const { column: moved } = await column({ kind: "moved", one: "spoc", other: "mac", k: 3 });
  if (moved.kind !== "number") throw new Error("not a number");
  expect(moved.values).toHaveLength(12);
  expect(moved.values.every((value) => value >= 0 && value <= 1)).toBe(true);
  await expect(column({ kind: "moved", one: "spoc", other: "gem", k: 3 })).rejects.toThrow(/gem/);
});

test("label agreement is told per map, by folder or by a column", async () => {
  const { column: byFolder } = await column({ kind: "agreement", labels: null, k: 3 });
  if (byFolder.kind !== "number") throw new Error("not a number");
  expect(Object.keys(byFolder.byMap!)).toEqual(COLUMNS);
  // Two colours of images: the three nearest have the same one.
  for (const values of Object.values(byFolder.byMap!)) expect(values.every((value) => value === 1)).toBe(true);
  const labels = { file: join(folder, "meta.csv"), column: "group" };
  const { column: byColumn, notes } = await column({ kind: "agreement", labels, k: 11 });
  if (byColumn.kind !== "number") throw new Error("not a number");
  // Two images have a label, each another one.
  const shares = paths.map((path) => (["warm/0.png", "@cold/1.png"].includes(path) ? 0 : Number.NaN));
  expect([...byColumn.values]).toEqual(shares);
  expect(notes).toMatchObject({ matched: 2, unknown: { count: 1, first: ["none.png"] } });
});

test("tables beside the images are listed behind those that were chosen; a column of one is read", async () => {
  const chosen = join(root, "chosen.csv");
  writeFileSync(chosen, "path,x\nwarm/0.png,1\n");
  const meta = join(folder, "meta.csv");
  const tables = await handlers["projection/tables"](
    { ...there(), under: "", files: [chosen, meta], beside: true },
    CancellationToken.None,
  );
  expect(tables.map(({ file }) => file)).toEqual([chosen, meta]);
  // Without trust nobody opens what nobody chose.
  const untrusted = { ...there(), under: "", files: [chosen], beside: false };
  const alone = await handlers["projection/tables"](untrusted, CancellationToken.None);
  expect(alone.map(({ file }) => file)).toEqual([chosen]);
  const { column: group } = await column({ kind: "table", file: meta, column: "group" });
  expect(group).toMatchObject({ kind: "category", names: ["a", "b"] });
});

test("coordinates of some images, and labels, are written", async () => {
  const file = join(root, "some.csv");
  const params = { ...there(), parameters: DEFAULT_PROJECTION, file, paths: ["warm/2.png", "gone.png", "@cold/1.png"] };
  const write = async (guardFormulas: boolean) => {
    const all = { ...params, guardFormulas };
    expect(await handlers["projection/export"](all, CancellationToken.None)).toEqual({ images: 2 });
    return readFileSync(file, "utf8").trim().split("\r\n");
  };
  expect((await write(true)).slice(1).map((line) => line.split(",")[0])).toEqual(["warm/2.png", "'@cold/1.png"]);
  const lines = await write(false);
  expect(lines[0]).toBe("path,spoc_x,spoc_y,mac_x,mac_y,combined_x,combined_y");
  expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(["warm/2.png", "@cold/1.png"]);
  const labels = join(root, "labels.csv");
  const written = { file: labels, paths: ["warm/2.png"], label: "red" };
  expect(await handlers["labels/write"](written, CancellationToken.None)).toEqual({ rows: 1 });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CancellationToken, CancellationTokenSource } from "vscode-jsonrpc/node";
import { Folders } from "../../../src/engine/folders.ts";
import { engineHandlers } from "../../../src/engine/handlers.ts";
import { DEFAULT_PROJECTION, type EngineNotifications, REQUEST_CANCELLED } from "../../../src/shared/index.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const COUNT = 12;
const COLUMNS = ["spoc", "mac", "combined"];

let root: string;
let told: { readonly method: keyof EngineNotifications; readonly params: unknown }[];
let handlers: ReturnType<typeof engineHandlers>;
const of = <M extends keyof EngineNotifications>(method: M) =>
  told.filter((each) => each.method === method).map(({ params }) => params as EngineNotifications[M]);

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-projections-"));
  mkdirSync(join(root, "images", "warm"), { recursive: true });
  mkdirSync(join(root, "images", "cold"));
  for (let i = 0; i < COUNT; i++) {
    const warm = i % 2 === 0;
    const background = warm ? { r: 250, g: 8 * i, b: 3 } : { r: 3, g: 8 * i, b: 250 };
    await sharp({ create: { width: 8, height: 8, channels: 3, background } })
      .png()
      .toFile(join(root, "images", warm ? "warm" : "cold", `${i}.png`));
  }
  writeFileSync(join(root, "model.onnx"), tinyModel("model", "SM"));
  told = [];
  const folders = new Folders(join(root, "model.onnx"), () => {}, join(root, "models"));
  handlers = engineHandlers(folders, (method, params) => told.push({ method, params }));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const there = () => ({ folder: join(root, "images"), location: join(root, "indexes") });
const index = () => handlers["folder/index"](there(), CancellationToken.None);
const run = (change = {}, token = CancellationToken.None) =>
  handlers["projection/run"]({ ...there(), run: 7, parameters: { ...DEFAULT_PROJECTION, ...change } }, token);
const neighbours = (path: string, k = 3) =>
  handlers["projection/neighbours"]({ ...there(), parameters: DEFAULT_PROJECTION, path, k }, CancellationToken.None);

test("tells the images, streams PCA and then UMAP for every map, and ends with the maps and their quality", async () => {
  await index();
  const { paths, maps, summary } = await run();
  expect(paths).toHaveLength(COUNT);
  expect(Object.keys(maps)).toEqual(COLUMNS);
  for (const points of Object.values(maps)) expect(points).toHaveLength(2 * COUNT);
  expect(Object.keys(summary.maps)).toEqual(COLUMNS);

  expect(of("projection/images")).toEqual([{ run: 7, descriptors: COLUMNS, paths }]);
  const layouts = of("projection/layout");
  expect(layouts.every((layout) => layout.run === 7)).toBe(true);
  for (const column of COLUMNS) {
    const own = layouts.filter(({ descriptor }) => descriptor === column);
    expect(own[0]).toMatchObject({ method: "pca", done: 0 });
    expect(own.at(-1)).toMatchObject({ method: "umap", done: 1 });
    expect(own.at(-1)!.points).toEqual(maps[column]);
  }
  const methods = told.map(({ method }) => method);
  expect(methods.indexOf("projection/images")).toBeLessThan(methods.indexOf("projection/layout"));
  expect(of("projection/progress")[0]).toMatchObject({ run: 7, phase: "reading" });
});

test("neighbours are those of the descriptor space, in every space, also after the process was started again", async () => {
  await index();
  const { paths } = await run();
  const path = paths.find((each) => each.startsWith("warm/"))!;
  const first = await neighbours(path);
  expect(Object.keys(first)).toEqual(COLUMNS);
  for (const list of Object.values(first)) {
    expect(list).toHaveLength(3);
    expect(list.every((near) => near.path.startsWith("warm/") && near.path !== path)).toBe(true);
    expect(list.map(({ score }) => score)).toEqual(list.map(({ score }) => score).sort((a, b) => b - a));
  }
  const folders = new Folders(join(root, "model.onnx"), () => {}, join(root, "models"));
  handlers = engineHandlers(folders, () => {});
  expect(await neighbours(path)).toEqual(first);
  expect(await neighbours("no/such.png")).toEqual({ spoc: [], mac: [], combined: [] });
});

test("a cancelled run says so and can be made again", async () => {
  await index();
  const source = new CancellationTokenSource();
  source.cancel();
  await expect(run({}, source.token)).rejects.toMatchObject({ code: REQUEST_CANCELLED });
  expect((await run()).summary.images).toBe(COUNT);
});

test("only a folder of the index, and one with a single image, make maps; a folder without images says so", async () => {
  await index();
  const { paths } = await run({ under: "cold" });
  expect(paths).toHaveLength(COUNT / 2);
  expect(paths.every((path) => path.startsWith("cold/"))).toBe(true);
  await expect(run({ under: "nowhere" })).rejects.toThrow("No indexed image lies under nowhere");
  rmSync(join(root, "images", "warm"), { recursive: true });
  for (let i = 3; i < COUNT; i += 2) rmSync(join(root, "images", "cold", `${i}.png`));
  await index();
  expect((await run()).summary.images).toBe(1);
});

test("two models are laid out as descriptors are, each with the neighbours of its own space", async () => {
  const shelf = await new Folders(join(root, "model.onnx"), () => {}, join(root, "models")).shelf();
  writeFileSync(join(root, "other.onnx"), tinyModel("other", "G"));
  await shelf.install(join(root, "other.onnx"));
  const models = [
    { label: "the one", model: "default", adapt: false },
    { label: "the other", model: "other", adapt: false },
  ];
  for (const { label: _, ...form } of models) {
    await handlers["folder/index"]({ ...there(), ...form }, CancellationToken.None);
  }
  const { paths, maps, summary } = await run({ models });
  expect(paths).toHaveLength(COUNT);
  expect(Object.keys(maps)).toEqual(["the one", "the other", "combined"]);
  expect(summary).toMatchObject({ images: COUNT, reused: "none" });
  const asked = { ...there(), parameters: { ...DEFAULT_PROJECTION, models } };
  const near = await handlers["projection/neighbours"]({ ...asked, path: paths[0]!, k: 3 }, CancellationToken.None);
  expect(Object.keys(near)).toEqual(["the one", "the other", "combined"]);
  const moved = { kind: "moved", one: "the one", other: "the other", k: 3 } as const;
  const { column } = await handlers["projection/column"]({ ...asked, column: moved }, CancellationToken.None);
  expect(column).toMatchObject({ kind: "number", unit: "share" });
  // Maps of descriptors are others, and kept.
  expect(Object.keys((await run()).maps)).toEqual(COLUMNS);
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CancellationToken } from "vscode-jsonrpc/node";
import { Folders } from "../../../src/engine/folders.ts";
import { engineHandlers } from "../../../src/engine/handlers.ts";
import type { EngineRequests, FolderStatus } from "../../../src/shared/index.ts";
import { like } from "../../fixtures/like.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

let root: string;
let images: string;
let statuses: FolderStatus[];
let logged: string[];
let handlers: ReturnType<typeof engineHandlers>;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-models-"));
  images = join(root, "images");
  mkdirSync(images);
  for (let i = 0; i < 6; i++) {
    await sharp({ create: { width: 8, height: 8, channels: 3, background: { r: i * 40, g: 90, b: 200 - i * 30 } } })
      .png()
      .toFile(join(images, `${i}.png`));
  }
  statuses = [];
  logged = [];
  const folders = new Folders(modelFile("built-in", "SMG"), (_, message) => logged.push(message), join(root, "models"));
  handlers = engineHandlers(folders, (method, params) => {
    if (method === "folder/changed") statuses.push(params as FolderStatus);
  });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function modelFile(name: string, letters: string): string {
  const file = join(root, `${name}.onnx`);
  writeFileSync(file, tinyModel(name, letters));
  return file;
}

const ask = <M extends keyof EngineRequests>(method: M, params: EngineRequests[M]["params"]) =>
  handlers[method](params, CancellationToken.None);
const there = () => ({ folder: images, location: join(root, "indexes") });
const columns = async (model?: string) => {
  const params = { ...there(), ...(model === undefined ? {} : { model }) };
  await ask("folder/index", params);
  const { results } = await ask("image/similar", { ...params, ...like(join(images, "2.png"), 3) });
  return Object.keys(results);
};
const selected = async () => (await ask("models/list", there())).find((model) => model.selected)?.name;

test("installs, lists, renames and exports models", async () => {
  expect(await ask("models/install", { file: modelFile("mine", "SM") })).toBe("mine");
  expect(await ask("models/install", { file: modelFile("other", "G"), name: "with a name" })).toBe("with a name");
  expect(await ask("models/rename", { name: "mine", to: "yours" })).toBe(null);
  const list = await ask("models/list", {});
  expect(list.map(({ name, selected: on }) => [name, on])).toEqual([
    ["mobilenetv2-smg", true],
    ["with a name", false],
    ["yours", false],
  ]);
  await ask("models/export", { name: "yours", file: join(root, "copy.onnx") });
  expect(readFileSync(join(root, "copy.onnx"))).toEqual(readFileSync(join(root, "mine.onnx")));
});

test("a search uses the model that is chosen for its folder, from the next request on", async () => {
  await ask("models/install", { file: modelFile("mine", "SM") });
  expect(await columns()).toEqual(["spoc", "mac", "gem", "combined"]);
  await ask("models/select", { name: "mine", folder: images });
  expect(await selected()).toBe("mine");
  expect(await columns()).toEqual(["spoc", "mac", "combined"]);
  await ask("models/select", { name: null, folder: images });
  expect(await columns()).toEqual(["spoc", "mac", "gem", "combined"]);
});

test("a removed model is not used any more: back to the built-in one", async () => {
  await ask("models/install", { file: modelFile("mine", "SM") });
  await ask("models/select", { name: "mine", folder: images });
  expect(await columns()).toEqual(["spoc", "mac", "combined"]);
  await ask("models/remove", { name: "mine" });
  expect(await selected()).toBe("mobilenetv2-smg");
  expect(await columns()).toEqual(["spoc", "mac", "gem", "combined"]);
});

test("a chosen model whose file is gone: the built-in one, and the log says so once", async () => {
  await ask("models/install", { file: modelFile("mine", "SM") });
  await ask("models/select", { name: "mine" });
  rmSync(join(root, "models", "mine.onnx"));
  expect(await columns()).toEqual(["spoc", "mac", "gem", "combined"]);
  expect(logged.filter((line) => line.includes('There is no model "mine"'))).toHaveLength(1);
});

test("a request may name a model, and its reports say which; the choice stays as it is", async () => {
  await ask("models/install", { file: modelFile("mine", "G") });
  expect(await columns("mine")).toEqual(["gem", "combined"]);
  expect(statuses.at(-1)).toMatchObject({ asked: "mine", indexed: 6, progress: null, model: { name: "mine" } });
  expect(await columns()).toEqual(["spoc", "mac", "gem", "combined"]);
  expect(statuses.at(-1)).not.toHaveProperty("asked");
  expect(await selected()).toBe("mobilenetv2-smg");
});

test("a run does not join one with another model", async () => {
  await ask("models/install", { file: modelFile("mine", "G") });
  const runs = await Promise.all([
    ask("folder/index", there()),
    ask("folder/index", { ...there(), model: "mine" }),
    ask("folder/index", there()),
  ]);
  expect(runs.map(({ model }) => model.name)).toEqual(["built-in", "mine", "built-in"]);
});

test("a renamed model goes by its new name wherever it is used", async () => {
  await ask("models/install", { file: modelFile("mine", "G") });
  await ask("models/select", { name: "mine", folder: images });
  await columns();
  await ask("models/rename", { name: "mine", to: "yours" });
  await columns();
  const { model } = await ask("image/similar", { ...there(), ...like(join(images, "2.png"), 3) });
  expect(model.name).toBe("yours");
  expect(statuses.at(-1)).toMatchObject({ model: { name: "yours" } });
});

test("another model under an old name is noticed", async () => {
  await ask("models/install", { file: modelFile("mine", "G") });
  await ask("models/select", { name: "mine", folder: images });
  expect(await columns()).toEqual(["gem", "combined"]);
  await ask("models/remove", { name: "mine" });
  await ask("models/install", { file: modelFile("another", "MS"), name: "mine" });
  await ask("models/select", { name: "mine", folder: images });
  expect(await columns()).toEqual(["mac", "spoc", "combined"]);
});

test("unknown names, paths and files that are no models are refused with a sentence; the choice stays", async () => {
  const file = modelFile("elsewhere", "G");
  writeFileSync(join(root, "text.onnx"), "text");
  await expect(ask("models/select", { name: "unknown", folder: images })).rejects.toThrow(
    'There is no model "unknown"',
  );
  await expect(ask("models/select", { name: file, folder: images })).rejects.toThrow("Choose one of them.");
  await expect(ask("folder/status", { ...there(), model: file })).rejects.toThrow("Choose one of them.");
  await expect(ask("models/install", { file: join(root, "text.onnx") })).rejects.toThrow("is not an ONNX file");
  await expect(ask("models/remove", { name: "mobilenetv2-smg" })).rejects.toThrow("comes with Lookalike");
  await expect(ask("models/rename", { name: "unknown", to: "x" })).rejects.toThrow('There is no model "unknown"');
  await expect(ask("models/export", { name: "unknown", file: join(root, "x.onnx") })).rejects.toThrow("no model");
  expect(await selected()).toBe("mobilenetv2-smg");
});

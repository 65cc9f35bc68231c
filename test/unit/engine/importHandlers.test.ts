import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CancellationToken, CancellationTokenSource } from "vscode-jsonrpc/node";
import { GraphBuilder } from "../../../src/core/onnx/index.ts";
import { Folders } from "../../../src/engine/folders.ts";
import { engineHandlers } from "../../../src/engine/handlers.ts";
import { type EngineRequests, type ImportParams, REQUEST_CANCELLED } from "../../../src/shared/index.ts";
import { writeTwoTowers } from "../../fixtures/twoTowers.ts";
import { endless } from "../model/import/hostile.ts";
import { body, classifier, SIDE } from "../model/import/networks.ts";

let root: string;
let file: string;
let handlers: ReturnType<typeof engineHandlers>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-importing-"));
  file = join(root, "net.onnx");
  writeFileSync(file, classifier());
  handlers = engineHandlers(new Folders(join(root, "built-in.onnx"), () => {}, join(root, "models")), () => {});
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const ask = <M extends keyof EngineRequests>(method: M, params: EngineRequests[M]["params"]) =>
  handlers[method](params, CancellationToken.None);
const install = (change: Partial<ImportParams> = {}) =>
  ask("import/install", { file, tensor: "map", descriptors: "SM", preprocessing: null, name: "mine", ...change });
const installed = async () => (await ask("models/list", {})).slice(1);

test("tells what a network can be made a model of", async () => {
  const report = await ask("import/inspect", { file });
  if ("refused" in report) throw new Error(report.refused);
  expect(report.text).toBeNull();
  expect(report).toMatchObject({
    chosen: "map",
    input: { width: 16, height: 16, fixedSize: true, normalises: false },
    preprocessing: { name: "imagenet", order: "rgb", certain: false },
  });
  const relu = { op: "Relu", tokens: null };
  expect(report.values).toContainEqual({ tensor: "map", ...relu, firstLayer: false, shape: [6, 4, 4] });
  expect(report.values).toContainEqual({ tensor: "early", ...relu, firstLayer: true, shape: [4, 8, 8] });
  expect(report).toMatchObject({ licence: null, notes: [] });
  expect(report.values).toContainEqual(expect.objectContaining({ tensor: "logits", shape: [5] }));
  expect(report.presets).toContain("imagenet");
});

test("where nothing is taken unasked the values that can be named are told", async () => {
  const graph = new GraphBuilder("two inputs");
  const map = body(graph, graph.input("pixels", "float32", ["N", 3, SIDE, SIDE]));
  const shift = graph.input("shift", "float32", [1]);
  graph.output(graph.op("Add", [map, shift], {}, "both"), "float32", ["N", 6, SIDE / 4, SIDE / 4]);
  writeFileSync(file, graph.encode());
  const refusal = await ask("import/inspect", { file });
  expect(refusal).toMatchObject({
    refused: expect.stringContaining("needs more than the image"),
    values: expect.arrayContaining(["map", "early"]),
  });
  expect(await ask("import/inspect", { file, tensor: "map" })).toMatchObject({ chosen: "map" });
});

test("finds the text tower beside a tower for images, and takes it", async () => {
  const { vision, text } = writeTwoTowers(join(root, "towers"));
  const report = await ask("import/inspect", { file: vision });
  expect(report).toMatchObject({ text });
  await install({ file: vision, tensor: "map", descriptors: "S+V", text });
  expect((await installed())[0]?.manifest?.text?.branch).toBe("vector");
});

test("installs a model of a feature map, and one of a vector", async () => {
  expect(await install()).toMatchObject({ name: "mine", oneByOne: false, checked: 4 });
  expect(await install({ tensor: "logits", descriptors: null, name: "vector" })).toMatchObject({ name: "vector" });
  const models = await installed();
  expect(
    models.map(({ name, problem, manifest }) => [name, problem, manifest!.descriptors.map(({ kind }) => kind)]),
  ).toEqual([
    ["mine", null, ["SPoC", "MAC"]],
    ["vector", null, ["Vector"]],
  ]);
});

test("the chosen preprocessing becomes part of the model", async () => {
  await install({ preprocessing: { name: "0..1", order: "bgr" } });
  await install({ preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2], order: "rgb" }, name: "own figures" });
  const sources = (await installed()).map(({ manifest }) => manifest!.weights.source);
  expect(sources).toEqual([
    expect.stringContaining("preprocessing 0..1, bgr"),
    expect.stringContaining("preprocessing custom, rgb"),
  ]);
});

test("what cannot be is refused with a sentence, and nothing is installed", async () => {
  writeFileSync(join(root, "text.onnx"), "text");
  await expect(ask("import/inspect", { file: join(root, "text.onnx") })).rejects.toThrow(/text\.onnx/);
  await expect(ask("import/inspect", { file: join(root, "gone.onnx") })).rejects.toThrow(/gone\.onnx/);
  await expect(install({ tensor: "unknown" })).rejects.toThrow('"unknown"');
  await expect(install({ descriptors: "Q" })).rejects.toThrow("stands for no descriptor");
  await expect(install({ name: "../up" })).rejects.toThrow("cannot be the name");
  await expect(install({ name: "mobilenetv2-smg" })).rejects.toThrow("is installed already");
  await expect(install({ preprocessing: { name: "unknown", order: "rgb" } })).rejects.toThrow("no preprocessing");
  await expect(install({ preprocessing: { mean: [1], std: [1, 1, 1], order: "rgb" } })).rejects.toThrow(
    "three numbers",
  );
  expect(await installed()).toEqual([]);
  expect(readdirSync(root)).not.toContain("models");
});

test("a look into a network and its import can be cancelled, and the engine answers meanwhile", async () => {
  writeFileSync(file, endless());
  const source = new CancellationTokenSource();
  const params = { file, tensor: "map", descriptors: "SM", preprocessing: null, name: "mine" };
  const ended = Promise.allSettled([
    handlers["import/inspect"]({ file }, source.token),
    handlers["import/install"](params, source.token),
  ]);
  const other = join(root, "other.onnx");
  writeFileSync(other, classifier());
  expect(await ask("import/inspect", { file: other })).toMatchObject({ chosen: "map" });
  source.cancel();
  const reason = expect.objectContaining({ code: REQUEST_CANCELLED, message: "The import was cancelled." });
  expect(await ended).toEqual([
    { status: "rejected", reason },
    { status: "rejected", reason },
  ]);
  expect(await installed()).toEqual([]);
}, 60_000);

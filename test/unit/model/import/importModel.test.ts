import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { TensorProto_DataType, ValueInfoProtoSchema } from "onnx-buf";
import type { Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import {
  customPreprocessing,
  importModel,
  inspectModel,
  preprocessing,
} from "../../../../src/core/model/import/index.ts";
import { parseDescriptors, readManifest } from "../../../../src/core/model/index.ts";
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";
import { openEmbedder } from "../../../../src/core/runtime/index.ts";
import * as net from "./networks.ts";

const { CHANNELS, IMAGENET, imagenet, SIDE } = net;
/** Runs the imported file on two pictures and holds it to the foreign network's own map, pooled by plain arithmetic. */
async function expectPooled(
  out: string,
  foreign: Uint8Array,
  feeds: (image: Tensor) => Record<string, Tensor>,
  { map = "map", height = SIDE, width = SIDE } = {},
): Promise<void> {
  const image = net.pictures(2, height, width);
  const exposed = net.changed(foreign, ({ graph }) => {
    graph!.output = [{ ...graph!.output[0]!, name: map }];
    delete graph!.output[0]!.type;
  });
  const maps = (await net.run(exposed, feeds(image)))[map]!;
  const outputs = await net.run(out, { image });
  expect(outputs["features"]!.dims).toEqual(maps.dims);
  net.expectClose(Array.from(outputs["features"]!.data), Array.from(maps.data));
  for (const n of [0, 1]) {
    const branches = net.pool(maps, n);
    for (const [name, values] of Object.entries(branches)) net.expectClose(net.row(outputs[name]!, n), values);
    const combined = readManifest(readFileSync(out), out).descriptors.flatMap(({ name }) => branches[name]!);
    net.expectClose(net.row(outputs["combined"]!, n), net.unit(combined));
  }
}

test("a classifier becomes SPoC, MAC and GeM of its last map, and nothing behind the map is kept", async () => {
  const foreign = net.classifier();
  const [file, out] = [net.write(foreign, "tiny.onnx"), net.path()];
  const report = await importModel({ file, out, licence: "MIT" });
  expect(report).toMatchObject({
    oneByOne: false,
    taken: { tensor: "map", channels: CHANNELS, height: 4, width: 4 },
    preprocessing: { name: "imagenet" },
    check: { images: 4 },
  });
  expect(report.inspection.preprocessing.certain).toBe(false);
  expect(report.check.batchError).toBeLessThan(1e-5);
  await expectPooled(out, foreign, imagenet);

  const bytes = readFileSync(out);
  const manifest = readManifest(bytes, out);
  expect(manifest.descriptors.map(({ name, dim }) => [name, dim])).toEqual([
    ["spoc", CHANNELS],
    ["mac", CHANNELS],
    ["gem", CHANNELS],
  ]);
  expect(manifest.input).toMatchObject({ width: SIDE, height: SIDE });
  expect(manifest.weights.licence).toBe("MIT");
  expect(manifest.weights.source).toMatch(/tiny\.onnx \(lookalike\); preprocessing imagenet, rgb/);
  net.changed(bytes, ({ graph }) => {
    expect(graph!.node.some(({ opType }) => opType === "Softmax" || opType === "MatMul")).toBe(false);
  });
  const embedder = await openEmbedder(out);
  expect(await embedder.embed(net.pictures(3).data as Uint8Array, 3)).toHaveLength(3 * 3 * CHANNELS);
  await embedder.release();
});

test("importing twice gives the same bytes", async () => {
  const file = net.write(net.classifier());
  const [a, b] = [net.path(), net.path()];
  await importModel({ file, out: a });
  await importModel({ file, out: b });
  expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
});

test("the list of maps goes from the last to the first, with shapes; any of them can be taken, in any order of branches", async () => {
  const foreign = net.classifier();
  const file = net.write(foreign);
  const { maps, vectors, chosen } = await inspectModel(file);
  expect(
    maps
      .map(({ tensor, channels, height, width }) => [tensor, channels, height, width])
      .filter(([name]) => /map|early/.test(String(name))),
  ).toEqual([
    ["map", CHANNELS, 4, 4],
    ["early", 4, 8, 8],
  ]);
  expect(vectors.map(({ tensor, dim }) => [tensor, dim])).toContainEqual(["pooled", CHANNELS]);
  expect(chosen.tensor).toBe("map");
  const out = net.path();
  const { manifest } = await importModel({ file, out, map: "early", branches: parseDescriptors("GMS") });
  expect(manifest.descriptors.map(({ name }) => name)).toEqual(["gem", "mac", "spoc"]);
  await expectPooled(out, foreign, imagenet, { map: "early" });
});

test.each([
  ["0..1", preprocessing("0..1"), [0, 0, 0], [255, 255, 255], false],
  ["-1..1", preprocessing("-1..1"), [127.5, 127.5, 127.5], [127.5, 127.5, 127.5], false],
  ["0..255, BGR", preprocessing("0..255", "bgr"), [0, 0, 0], [1, 1, 1], true],
  ["imagenet, BGR", preprocessing("imagenet", "bgr"), [...IMAGENET.mean].reverse(), [...IMAGENET.std].reverse(), true],
  [
    "figures of 0..1",
    customPreprocessing([0.5, 0.4, 0.3], [0.2, 0.3, 0.4]),
    [127.5, 102, 76.5],
    [51, 76.5, 102],
    false,
  ],
  ["figures of 0..255", customPreprocessing([104, 117, 123], [1, 1, 1], "bgr"), [104, 117, 123], [1, 1, 1], true],
])("preprocessing %s is written into the graph", async (_, given, mean, std, bgr) => {
  const foreign = net.classifier();
  const out = net.path();
  await importModel({ file: net.write(foreign), out, preprocessing: given });
  // Rounding grows with the values: the map of pixels of 0..255 is held to its own size.
  const image = net.pictures(2);
  const exposed = net.changed(foreign, ({ graph }) => {
    graph!.output[0]!.name = "map";
    delete graph!.output[0]!.type;
  });
  const { map } = await net.run(exposed, { input: net.fed(image, mean, std, bgr) });
  const outputs = await net.run(out, { image });
  for (const n of [0, 1])
    for (const [name, values] of Object.entries(net.pool(map!, n))) net.expectClose(net.row(outputs[name]!, n), values);
});

test("a network that starts in NHWC and ends in NHWC", async () => {
  const graph = new GraphBuilder("keras");
  const nchw = graph.op("Transpose", [graph.input("image", "float32", ["N", SIDE, SIDE, 3])], { perm: [0, 3, 1, 2] });
  const nhwc = graph.op("Transpose", [net.body(graph, nchw, "inner")], { perm: [0, 2, 3, 1] });
  const last = graph.op("Relu", [nhwc], {}, "spoc");
  graph.output(graph.op("ReduceMean", [last], { axes: [1, 2], keepdims: 0 }, "features"), "float32", ["N", CHANNELS]);
  const file = net.write(graph.encode());
  const { input, chosen } = await inspectModel(file);
  expect(input.layout).toBe("NHWC");
  // Its names are those of our own outputs, too.
  expect(chosen).toMatchObject({ tensor: "spoc", layout: "NHWC", channels: CHANNELS, height: 4, width: 4 });
  const out = net.path();
  await importModel({ file, out, preprocessing: preprocessing("imagenet") });
  await expectPooled(out, net.classifier(), imagenet);
});

test("a network with a residual and a squeeze-excitation", async () => {
  const graph = new GraphBuilder("residual");
  const map = net.body(graph, graph.input("input", "float32", ["N", 3, SIDE, SIDE]), "first");
  const weights = graph.floats(net.numbers(CHANNELS * CHANNELS * 9, 5), [CHANNELS, CHANNELS, 3, 3]);
  const inner = graph.op("Conv", [map, weights], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  const gate = graph.op("Sigmoid", [graph.op("GlobalAveragePool", [inner])]);
  const sum = graph.op("Add", [graph.op("Mul", [inner, gate]), map]);
  net.classify(graph, graph.op("Relu", [sum], {}, "map"));
  const out = net.path();
  await importModel({ file: net.write(graph.encode()), out });
  await expectPooled(out, graph.encode(), imagenet);
});

test("dynamic height and width take the asked size, or 224", async () => {
  const foreign = net.classifier(["batch", 3, "h", "w"]);
  const file = net.write(foreign);
  expect((await inspectModel(file)).input).toMatchObject({ width: 224, height: 224, fixedSize: false });
  const out = net.path();
  const { manifest } = await importModel({ file, out, size: 32 });
  expect(manifest.input).toMatchObject({ width: 32, height: 32 });
  expect(manifest.backbone.taps[0]).toMatchObject({ height: 8, width: 8 });
  await expectPooled(out, foreign, imagenet, { height: 32, width: 32 });
});

test("an input that is not square", async () => {
  const foreign = net.classifier(["N", 3, 24, 8]);
  const out = net.path();
  const { manifest } = await importModel({ file: net.write(foreign), out });
  expect(manifest.input).toMatchObject({ width: 8, height: 24 });
  await expectPooled(out, foreign, imagenet, { height: 24, width: 8 });
});

/** Flattens by a Reshape to `[1, ...]` and back before the last ReLU, as exporters for a single image do. */
function reshaping(leading: readonly number[], back: readonly number[]): Uint8Array {
  const graph = new GraphBuilder("fixed");
  const map = net.body(graph, graph.input("input", "float32", [1, 3, SIDE, SIDE]), "inner");
  const flat = graph.op("Reshape", [map, graph.ints(leading)]);
  const again = graph.op("Reshape", [flat, graph.ints(back)]);
  // Without pixels to look at, a Reshape's result is no feature map; a convolution's is.
  const identity = Float32Array.from({ length: CHANNELS * CHANNELS }, (_, i) => (i % (CHANNELS + 1) === 0 ? 1 : 0));
  net.classify(graph, graph.op("Conv", [again, graph.floats(identity, [CHANNELS, CHANNELS, 1, 1])], {}, "map"));
  return graph.encode();
}

test("a batch fixed at 1 is freed where its Reshapes allow", async () => {
  const out = net.path();
  const file = net.write(reshaping([1, -1], [1, CHANNELS, 4, 4]));
  const { oneByOne, inspection } = await importModel({ file, out });
  expect(inspection.input.fixedBatch).toBe(true);
  expect(oneByOne).toBe(false);
  await expectPooled(out, net.classifier(), imagenet);
});

test("a network that takes no batch runs its images one by one, and says so", async () => {
  const out = net.path();
  const file = net.write(reshaping([CHANNELS * 16], [1, CHANNELS, 4, 4]));
  const report = await importModel({ file, out });
  expect(report.oneByOne).toBe(true);
  expect(report.check.batchError).toBeLessThan(1e-5);
  await expectPooled(out, net.classifier(), imagenet);
});

test("a network that mixes the images of a batch runs them one by one", async () => {
  const graph = new GraphBuilder("mixing");
  const map = net.body(graph, graph.input("input", "float32", ["N", 3, SIDE, SIDE]), "inner");
  const mean = graph.op("ReduceMean", [map], { axes: [0], keepdims: 1 });
  net.classify(graph, graph.op("Relu", [graph.op("Add", [graph.op("Mul", [mean, map]), map])], {}, "map"));
  const { oneByOne } = await importModel({ file: net.write(graph.encode()), out: net.path() });
  expect(oneByOne).toBe(true);
});

test.each([7, 9, 10, 11, 12, 13, 18, 20, 22, 26])("a network of opset %i gets a head of that opset", async (opset) => {
  // The network's own operators are the same in all of these; a softmax behind the map is cut away.
  const foreign = net.changed(net.classifier(), (model) => {
    model.opsetImport[0]!.version = BigInt(opset);
    model.irVersion = opset > 22 ? 13n : model.irVersion;
  });
  const out = net.path();
  await importModel({ file: net.write(foreign), out });
  await expectPooled(out, net.classifier(), imagenet);
});

test("initializers that are listed as inputs are no inputs, and nodes may come in any order", async () => {
  const foreign = net.changed(net.classifier(), ({ graph }) => {
    const elemType = TensorProto_DataType.FLOAT;
    for (const { name } of graph!.initializer) {
      const type = { value: { case: "tensorType" as const, value: { elemType } } };
      graph!.input.unshift(create(ValueInfoProtoSchema, { name, type }));
    }
    graph!.node.reverse();
  });
  const out = net.path();
  await importModel({ file: net.write(foreign), out });
  await expectPooled(out, net.classifier(), imagenet);
});

test("a float16 network is fed and read as float16", async () => {
  const graph = new GraphBuilder("half");
  const input = graph.op("Cast", [graph.input("input", "float32", ["N", 3, SIDE, SIDE])], { to: 1 });
  const half = graph.op("Cast", [net.body(graph, input, "inner")], { to: 10 });
  net.classify(graph, graph.op("Cast", [graph.op("Relu", [half], {}, "map")], { to: 1 }, "back"));
  const foreign = net.changed(graph.encode(), (model) => {
    const type = model.graph!.input[0]!.type!.value;
    if (type.case === "tensorType") type.value.elemType = TensorProto_DataType.FLOAT16;
  });
  const out = net.path();
  const { taken, inspection } = await importModel({ file: net.write(foreign), out, map: "map" });
  expect(inspection.input.type).toBe("float16");
  expect(taken).toMatchObject({ type: "float16" });
  const image = net.pictures(1);
  const outputs = await net.run(out, { image });
  const { spoc } = await referenceOutputs(image);
  for (const [i, x] of net.row(outputs["spoc"]!, 0).entries()) expect(Math.abs(x - spoc![i]!)).toBeLessThan(2e-3);
});

async function referenceOutputs(image: Tensor): Promise<Record<string, number[]>> {
  const exposed = net.changed(net.classifier(), ({ graph }) => {
    graph!.output[0]!.name = "map";
    delete graph!.output[0]!.type;
  });
  return net.pool((await net.run(exposed, imagenet(image)))["map"]!, 0);
}

/** What is taken of networks that have no classifier's last map. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { importModel, inspectModel } from "../../../../src/core/model/import/index.ts";
import { parseDescriptors, readManifest } from "../../../../src/core/model/index.ts";
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";
import * as net from "./networks.ts";

const { CHANNELS, imagenet, SIDE } = net;

/** A linear embedding of the pixels: no feature map anywhere but the input. */
function vectorOnly(): Uint8Array {
  const graph = new GraphBuilder("vector");
  const flat = graph.op("Flatten", [graph.input("input", "float32", ["N", 3, SIDE, SIDE])]);
  const weights = graph.floats(net.numbers(3 * SIDE * SIDE * 7, 4), [3 * SIDE * SIDE, 7]);
  graph.output(graph.op("MatMul", [flat, weights], {}, "embedding"), "float32", ["N", 7]);
  return graph.encode();
}

test("a network that only gives a vector becomes a model of one branch", async () => {
  const [file, out] = [net.write(vectorOnly()), net.path()];
  const { manifest } = await importModel({ file, out });
  expect(manifest.descriptors).toEqual([{ name: "vector", kind: "Vector", dim: 7, tap: 0 }]);
  expect(readManifest(readFileSync(out), out)).toEqual(manifest);
  const image = net.pictures(3);
  const outputs = await net.run(out, { image });
  expect(Object.keys(outputs)).toEqual(["vector", "combined"]);
  const { embedding } = await net.run(vectorOnly(), imagenet(image));
  for (const n of [0, 1, 2]) net.expectClose(net.row(outputs["vector"]!, n), net.unit(net.row(embedding!, n)));
  await expect(importModel({ file, out, branches: parseDescriptors("S") })).rejects.toThrow(/is a vector/);
});

test("attention has no feature map behind it: its vector is taken, from before the classes", async () => {
  const graph = new GraphBuilder("transformer");
  const patches = net.body(graph, graph.input("input", "float32", ["N", 3, SIDE, SIDE]), "patches");
  const keys = graph.op("Reshape", [patches, graph.ints([0, CHANNELS, 16])]);
  const queries = graph.op("Transpose", [keys], { perm: [0, 2, 1] });
  const attention = graph.op("Softmax", [graph.op("MatMul", [queries, keys])], { axis: 2 });
  const tokens = graph.op("MatMul", [attention, queries]);
  const pooled = graph.op("ReduceMean", [tokens], { axes: [1], keepdims: 0 }, "token");
  const logits = graph.op("MatMul", [pooled, graph.floats(net.numbers(CHANNELS * 5, 3), [CHANNELS, 5])]);
  graph.output(graph.op("Softmax", [logits], { axis: 1 }, "classes"), "float32", ["N", 5]);
  const file = net.write(graph.encode());
  const { chosen, maps } = await inspectModel(file);
  expect(chosen).toMatchObject({ tensor: "token", dim: CHANNELS });
  expect(maps[0]!.tensor).toBe("patches");
  const { manifest } = await importModel({ file, out: net.path(), map: "patches" });
  expect(manifest.backbone.taps[0]!.name).toBe("patches");
});

test("a network that ends in a mask is taken at its last rich map, not at a gate, but never before an attention unasked", async () => {
  const graph = new GraphBuilder("segmenter");
  const map = net.body(graph, graph.input("input", "float32", ["N", 3, SIDE, SIDE]), "inner");
  const gate = graph.op("Sigmoid", [graph.op("Flatten", [graph.op("GlobalAveragePool", [map])])]);
  const gated = graph.op("Mul", [map, graph.op("Reshape", [gate, graph.ints([0, CHANNELS, 1, 1])])], {}, "map");
  const mask = graph.op("Conv", [gated, graph.floats(net.numbers(CHANNELS, 6), [1, CHANNELS, 1, 1])], {}, "mask");
  graph.output(mask, "float32", ["N", 1, 4, 4]);
  const keys = graph.op("Reshape", [gated, graph.ints([0, CHANNELS, 16])]);
  const queries = graph.op("Transpose", [keys], { perm: [0, 2, 1] });
  expect((await inspectModel(net.write(graph.encode()))).chosen.tensor).toBe("map");
  graph.output(graph.op("MatMul", [queries, keys], {}, "tokens"), "float32", ["N", 16, 16]);
  const file = net.write(graph.encode());
  await net.expectRefused(file, /no feature map to take unasked.* Name what to take with --map: map, inner/);
  expect((await inspectModel(file, { map: "map" })).chosen.tensor).toBe("map");
});

test("two images at once are too many, unless what is taken needs one of them", async () => {
  const graph = new GraphBuilder("pair");
  const one = net.body(graph, graph.input("left", "float32", ["N", 3, SIDE, SIDE]), "map");
  const pooled = graph.op("GlobalAveragePool", [graph.input("right", "float32", ["N", 3, SIDE, SIDE])]);
  const grey = graph.op("ReduceMean", [pooled], { axes: [1], keepdims: 1 });
  graph.output(graph.op("Mul", [one, grey], {}, "both"), "float32", ["N", CHANNELS, 4, 4]);
  const file = net.write(graph.encode());
  await net.expectRefused(file, /wants 2 images at once \(left, right\)/);
  const { inspection } = await importModel({ file, out: net.path(), map: "map" });
  expect(inspection.unused).toEqual(["right"]);
});

test("tokens that are no grid of the picture are refused, and the patches before the attention are not taken instead", async () => {
  const graph = new GraphBuilder("cut");
  const image = graph.input("input", "float32", ["N", 3, SIDE, SIDE]);
  const kernel = graph.floats(net.numbers(8 * 48, 4), [8, 3, 4, 4]);
  const patches = graph.op("Conv", [image, kernel], { kernel_shape: [4, 4], strides: [4, 4] }, "patches");
  const rows = graph.op("Transpose", [graph.op("Reshape", [patches, graph.ints([0, 8, 16])])], { perm: [0, 2, 1] });
  // Fifteen of sixteen patches.
  const tokens = graph.op("Slice", [rows, graph.ints([0]), graph.ints([15]), graph.ints([1])]);
  const keys = graph.op("Transpose", [tokens], { perm: [0, 2, 1] });
  const attention = graph.op("Softmax", [graph.op("MatMul", [tokens, keys])], { axis: 2 });
  const seen = graph.op("Add", [tokens, graph.op("MatMul", [attention, tokens])], {}, "last_hidden_state");
  graph.output(seen, "float32", ["N", 15, 8]);
  await net.expectRefused(
    net.write(graph.encode()),
    /(no grid of patches explains the tokens|the tokens of "last_hidden_state" \[15, 8\] do not lie in rows).*Name what to take with --map: patches/,
  );
});

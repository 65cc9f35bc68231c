import { mkdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { OperatorSetIdProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { customPreprocessing, importModel, preprocessing } from "../../../../src/core/model/import/index.ts";
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";
import * as net from "./networks.ts";

const shaped = (shape: readonly (number | string)[]) => {
  const graph = new GraphBuilder("shaped");
  graph.output(graph.op("Relu", [graph.input("x", "float32", shape)], {}, "y"), "float32", shape);
  return graph.encode();
};

const weight = (bytes: Uint8Array, value: number) =>
  net.changed(bytes, ({ graph }) => {
    const tensor = graph!.initializer.find(({ dims }) => dims.length === 4)!;
    new DataView(tensor.rawData.buffer, tensor.rawData.byteOffset).setFloat32(40, value, true);
  });

const twoInputs = () => {
  const graph = new GraphBuilder("two");
  const map = net.body(graph, graph.input("image", "float32", ["N", 3, 16, 16]), "inner");
  net.classify(graph, graph.op("Add", [map, graph.input("mask", "float32", ["N", 1, 4, 4])], {}, "map"));
  return graph.encode();
};

const noVector = () => {
  const graph = new GraphBuilder("none");
  const flat = graph.op("Reshape", [graph.input("x", "float32", ["N", 3, 16, 16]), graph.ints([0, 3, 256])]);
  graph.output(graph.op("Relu", [flat], {}, "y"), "float32", ["N", 3, 256]);
  return graph.encode();
};

/** Operators one behind the other. */
const chain = (length: number) => {
  const graph = new GraphBuilder("chain");
  let map = net.body(graph, graph.input("input", "float32", ["N", 3, 16, 16]), "inner");
  for (let i = 0; i < length; i++) map = graph.op("Add", [map, map]);
  net.classify(graph, map);
  return graph.encode();
};

/** A sum of so many values. */
const wide = (width: number) => {
  const graph = new GraphBuilder("wide");
  const map = net.body(graph, graph.input("input", "float32", ["N", 3, 16, 16]), "inner");
  net.classify(graph, graph.op("Sum", new Array<string>(width).fill(map)));
  return graph.encode();
};

const manyWeights = (count: number) =>
  net.changed(net.classifier(), ({ graph }) => {
    const [one] = graph!.initializer;
    graph!.initializer.push(...Array.from({ length: count }, (_, i) => ({ ...one!, name: `more ${i}` })));
  });

const opset = (version: bigint) => net.changed(net.classifier(), (model) => (model.opsetImport[0]!.version = version));

const constantMap = () => {
  const graph = new GraphBuilder("constant");
  const input = graph.input("x", "float32", ["N", 3, 16, 16]);
  const zero = graph.op("Mul", [net.body(graph, input, "inner"), graph.scalar(0)]);
  net.classify(graph, graph.op("Add", [zero, graph.scalar(1)], {}, "map"));
  return graph.encode();
};

/** Zeros around the map, as many as asked. */
const padded = (pad: number) => {
  const graph = new GraphBuilder("padded");
  const map = net.body(graph, graph.input("input", "float32", [1, 3, 16, 16]), "inner");
  net.classify(graph, graph.op("Pad", [map, graph.ints([0, 0, pad, pad, 0, 0, pad, pad])], {}, "map"));
  return graph.encode();
};

test.each<[string, Uint8Array, RegExp]>([
  ["a text file", new TextEncoder().encode("this is a text file that someone renamed"), /is not an ONNX file/],
  ["an empty file", new Uint8Array(), /is not an ONNX file/],
  ["half a file", net.classifier().subarray(0, 900), /is not an ONNX file, or it is damaged/],
  ["a newer opset", opset(99n), /uses opset 99 of ai\.onnx; this Lookalike runs up to \d+\. Export the model again/],
  ["an ancient opset", opset(5n), /opset 5, from before 2018/],
  [
    "no opset",
    net.changed(net.classifier(), (model) => (model.opsetImport = [])),
    /does not say which ONNX operator set/,
  ],
  [
    "a newer format",
    net.changed(net.classifier(), (model) => (model.irVersion = 99n)),
    /version 99 of the ONNX format/,
  ],
  ["two inputs", twoInputs(), /wants 2 inputs \(image, mask\).*Export the part that takes the image/],
  ["an input of vectors", shaped(["N", 512]), /"x" of .* has the shape \[\?, 512\]; an image network takes \[N, 3/],
  ["a video input", shaped(["N", 3, 8, 16, 16]), /has the shape \[\?, 3, 8, 16, 16\]/],
  ["grey images", shaped(["N", 1, 16, 16]), /has the shape \[\?, 1, 16, 16\].*3 channels/],
  ["a huge input", net.classifier(["N", 3, 100_000, 16]), /16 x 100000 pixels; more than 2048/],
  ["no map and no vector", noVector(), /neither a feature map .* nor a vector/],
  ["operators without number", chain(50_001), /more than 50000 operators or weights/],
  ["an operator of inputs without number", wide(300_000), /more than 50000 operators or weights/],
  ["weights without number", manyWeights(50_001), /more than 50000 operators or weights/],
  ["NaN", weight(net.classifier(), Number.NaN), /The weights "constant_\d" of .* hold NaN/],
  ["infinity", weight(net.classifier(), Number.NEGATIVE_INFINITY), /hold infinite values/],
  [
    "an unknown operator",
    net.changed(net.classifier(), ({ graph }) => (graph!.node[1]!.opType = "Frobnicate")),
    /uses the operator Frobnicate, which onnxruntime does not have/,
  ],
  [
    "a foreign domain",
    net.changed(net.classifier(), (model) => {
      model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: "my.ops", version: 1n }));
      model.graph!.node[1]!.domain = "my.ops";
    }),
    /uses the operator my\.ops:Relu/,
  ],
  [
    "a value from nowhere",
    net.changed(net.classifier(), ({ graph }) => (graph!.node[0]!.input[1] = "nope")),
    /cannot be run: .*'nope'/,
  ],
  [
    "weights of another size",
    net.changed(net.classifier(), ({ graph }) => (graph!.initializer[0]!.rawData = new Uint8Array(8))),
    /cannot be run: .*raw_data size \(8 bytes\)/,
  ],
  [
    "a stride of 0",
    net.changed(
      net.classifier(),
      ({ graph }) => (graph!.node[0]!.attribute.find(({ name }) => name === "strides")!.ints = [0n, 1n]),
    ),
    /cannot be run: .*strides must only contain positive/,
  ],
  ["padding beyond all memory", padded(2 ** 20), /makes a value of .* for one image/],
  ["one embedding for all images", constantMap(), /the same embedding for different images/],
])("refuses %s", async (_, bytes, message) => {
  await net.expectRefused(net.write(bytes), message);
});

test("refuses what is not there, a folder, and 4 GB", async () => {
  await net.expectRefused(net.path("missing.onnx"), /does not exist/);
  const folder = net.path("folder.onnx");
  mkdirSync(folder);
  await net.expectRefused(folder, /is a folder/);
  const large = net.write(net.classifier(), "large.onnx");
  // Sparse: it takes no room on the disk.
  truncateSync(large, 4 * 2 ** 30);
  await net.expectRefused(large, /has 4\.0 GB\. A model can have 2 GB at most/);
});

test("refuses options that do not fit the network", async () => {
  const file = net.write(net.classifier());
  await net.expectRefused(file, /takes images of 16 x 16 pixels only/, { size: 224 });
  await net.expectRefused(file, /no feature map and no vector "nope"\. It has, from the last one: map, .*--list/, {
    map: "nope",
  });
  expect(() => customPreprocessing([0, 0, 0], [1, 0, 1])).toThrow(/each std is above 0/);
  const graph = new GraphBuilder("bytes");
  const input = graph.op("Cast", [graph.input("x", "uint8", ["N", 3, 16, 16])], { to: 1 });
  net.classify(graph, net.body(graph, input));
  const bytes = net.write(graph.encode());
  await net.expectRefused(bytes, /takes whole numbers of 0\.\.255/, { preprocessing: preprocessing("imagenet") });
});

test("refuses to write over the network itself, and into what cannot be written", async () => {
  const file = net.write(net.classifier());
  await expect(importModel({ file, out: file })).rejects.toThrow(/is the network to import itself/);
  expect(readFileSync(file)).toEqual(Buffer.from(net.classifier()));
  const nowhere = join(net.path("no-folder"), "m.onnx");
  await expect(importModel({ file, out: nowhere })).rejects.toThrow(/cannot be written: its folder does not exist/);
});

test("refuses images for the check that cannot be used", async () => {
  const file = net.write(net.classifier());
  const out = net.path();
  const text = net.write(new TextEncoder().encode("no image"), "a.jpg");
  await expect(importModel({ file, out, images: [text, text] })).rejects.toThrow(/The image .*a\.jpg for the check/);
  await expect(importModel({ file, out, images: [text] })).rejects.toThrow(/two or more/);
});

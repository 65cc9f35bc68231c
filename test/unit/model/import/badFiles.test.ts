import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from "onnx-buf";
import { afterEach, beforeEach, expect, test } from "vitest";
import { customPreprocessing, importModel, preprocessing } from "../../../../src/core/model/import/index.ts";
import { GraphBuilder, ModelError } from "../../../../src/core/model/index.ts";
import * as net from "./networks.ts";

/** The import fails with a sentence that names the file, and leaves the present model and its folder alone. */
async function expectRefused(file: string, message: RegExp, options: object = {}): Promise<void> {
  const out = net.path();
  writeFileSync(out, "the present model");
  const error = await importModel({ file, out, ...options }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  expect((error as ModelError).message).toMatch(message);
  expect((error as ModelError).message).toContain(file);
  expect(readFileSync(out, "utf8")).toBe("the present model");
}

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

const opset = (version: bigint) => net.changed(net.classifier(), (model) => (model.opsetImport[0]!.version = version));

const constantMap = () => {
  const graph = new GraphBuilder("constant");
  const input = graph.input("x", "float32", ["N", 3, 16, 16]);
  const zero = graph.op("Mul", [net.body(graph, input, "inner"), graph.scalar(0)]);
  net.classify(graph, graph.op("Add", [zero, graph.scalar(1)], {}, "map"));
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
    /is damaged: the weights "constant_\d" have 8 bytes/,
  ],
  [
    "a stride of 0",
    net.changed(
      net.classifier(),
      ({ graph }) => (graph!.node[0]!.attribute.find(({ name }) => name === "strides")!.ints = [0n, 1n]),
    ),
    /is damaged: the strides of its Conv/,
  ],
  ["one embedding for all images", constantMap(), /the same embedding for different images/],
])("refuses %s", async (_, bytes, message) => {
  await expectRefused(net.write(bytes), message);
});

test("refuses what is not there, a folder, and 4 GB", async () => {
  await expectRefused(net.path("missing.onnx"), /does not exist/);
  const folder = net.path("folder.onnx");
  mkdirSync(folder);
  await expectRefused(folder, /is a folder/);
  const large = net.write(net.classifier(), "large.onnx");
  // Sparse: it takes no room on the disk.
  truncateSync(large, 4 * 2 ** 30);
  await expectRefused(large, /has 4\.0 GB\. A model can have 2 GB at most/);
});

test("refuses options that do not fit the network", async () => {
  const file = net.write(net.classifier());
  await expectRefused(file, /takes images of 16 x 16 pixels only/, { size: 224 });
  await expectRefused(file, /no feature map and no vector "nope"\. It has, from the last one: map, .*--list/, {
    map: "nope",
  });
  expect(() => customPreprocessing([0, 0, 0], [1, 0, 1])).toThrow(/each std is above 0/);
  const graph = new GraphBuilder("bytes");
  const input = graph.op("Cast", [graph.input("x", "uint8", ["N", 3, 16, 16])], { to: 1 });
  net.classify(graph, net.body(graph, input));
  const bytes = net.write(graph.encode());
  await expectRefused(bytes, /takes whole numbers of 0\.\.255/, { preprocessing: preprocessing("imagenet") });
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

/** A folder with `net/model.onnx`, whose weights lie where the entries say. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-external-"));
  mkdirSync(join(folder, "net", "weights"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function external(location: string, entries: Record<string, string> = {}): { file: string; data: Uint8Array } {
  const file = join(folder, "net", "model.onnx");
  let data = new Uint8Array();
  const bytes = net.changed(net.classifier(), ({ graph }) => {
    const tensor: TensorProto = graph!.initializer[0]!;
    data = tensor.rawData;
    tensor.rawData = new Uint8Array();
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    const all = { location, offset: "16", length: String(data.length), ...entries };
    tensor.externalData = Object.entries(all).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
  });
  writeFileSync(file, bytes);
  return { file, data: Buffer.concat([new Uint8Array(16), data]) };
}

test.each(["weights.bin", "weights/a.bin", "weights/../weights.bin"])(
  "weights in %s are put into the model",
  async (location) => {
    const { file, data } = external(location);
    writeFileSync(join(dirname(file), location), data);
    const [out, plain] = [net.path(), net.path()];
    await importModel({ file, out });
    await importModel({ file: net.write(net.classifier()), out: plain });
    const image = net.pictures(2);
    expect(await net.run(readFileSync(out), { image })).toEqual(await net.run(plain, { image }));
  },
);

test("weights outside the model's folder are not read, by whatever way", async () => {
  const { data } = external("x");
  writeFileSync(join(folder, "secret.bin"), data);
  await expectRefused(external("../secret.bin").file, /"\.\.\/secret\.bin", which is not in the model's folder/);
  await expectRefused(external(join(folder, "secret.bin")).file, /which is not in the model's folder/);
  symlinkSync(join(folder, "secret.bin"), join(folder, "net", "link.bin"));
  await expectRefused(external("link.bin").file, /"link\.bin", which is not in the model's folder/);
  await expectRefused(external("").file, /which is not in the model's folder/);
});

test("weights that are missing, short or no file", async () => {
  await expectRefused(
    external("weights.bin").file,
    /keeps its weights in weights\.bin, which is missing\. Copy that file/,
  );
  await expectRefused(external("weights").file, /which is not a file/);
  const { file, data } = external("weights.bin");
  writeFileSync(join(folder, "net", "weights.bin"), data.subarray(0, 100));
  await expectRefused(file, /at a place that its data file weights\.bin does not have/);
  writeFileSync(join(folder, "net", "weights.bin"), data);
  await expectRefused(external("weights.bin", { offset: "-8" }).file, /at a place/);
  await expectRefused(external("weights.bin", { length: "8" }).file, /is damaged: the weights/);
  await expectRefused(external("weights.bin", { length: "99999999999999999999" }).file, /at a place/);
});

import { create } from "@bufbuild/protobuf";
import { StringStringEntryProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { inspectModel } from "../../../../src/core/model/import/index.ts";
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";
import * as net from "./networks.ts";

/** A classifier that does something with its input before its first convolution. */
function starting(start: (graph: GraphBuilder, input: string) => string, type: "float32" | "uint8" = "float32") {
  const graph = new GraphBuilder("starting");
  net.classify(graph, net.body(graph, start(graph, graph.input("input", type, ["N", 3, net.SIDE, net.SIDE]))));
  return graph.encode();
}

const vector = (graph: GraphBuilder, values: number[]) => graph.floats(Float32Array.from(values), [1, 3, 1, 1]);
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

test.each<[string, string, (graph: GraphBuilder, input: string) => string]>([
  ["divides by 255", "0..255", (graph, x) => graph.op("Div", [x, graph.scalar(255)])],
  [
    "divides by 127.5 and subtracts 1",
    "0..255",
    (graph, x) => graph.op("Sub", [graph.op("Mul", [x, graph.scalar(1 / 127.5)]), graph.scalar(1)]),
  ],
  ["subtracts the mean pixel", "0..255", (graph, x) => graph.op("Sub", [x, vector(graph, [123.7, 116.8, 103.9])])],
  [
    "normalises pixels of 0..255",
    "0..255",
    (graph, x) =>
      graph.op("Div", [
        graph.op("Sub", [
          x,
          vector(
            graph,
            MEAN.map((m) => 255 * m),
          ),
        ]),
        vector(
          graph,
          STD.map((s) => 255 * s),
        ),
      ]),
  ],
  [
    "normalises pixels of 0..1",
    "0..1",
    (graph, x) => graph.op("Div", [graph.op("Sub", [x, vector(graph, MEAN)]), vector(graph, STD)]),
  ],
  [
    "doubles and subtracts 1",
    "0..1",
    (graph, x) => graph.op("Sub", [graph.op("Mul", [x, graph.scalar(2)]), graph.scalar(1)]),
  ],
  [
    "has a batch norm of 0..255 in front",
    "0..255",
    (graph, x) => {
      const three = (value: number) => graph.floats(Float32Array.of(value, value, value), [3]);
      return graph.op("BatchNormalization", [x, three(1), three(0), three(120), three(3600)]);
    },
  ],
])("a network that %s wants %s", async (_, wanted, start) => {
  const { preprocessing } = await inspectModel(net.write(starting(start)));
  expect(preprocessing).toMatchObject({ preprocessing: { name: wanted, order: "rgb" }, certain: true });
});

test("a network that takes bytes wants 0..255", async () => {
  const bytes = starting((graph, x) => graph.op("Cast", [x], { to: 1 }), "uint8");
  expect((await inspectModel(net.write(bytes))).preprocessing).toMatchObject({
    preprocessing: { name: "0..255" },
    certain: true,
  });
});

test.each([
  ["Normalized_1_1", "Bgr8", "-1..1", "bgr"],
  ["Normalized_0_1", "Rgb8", "0..1", "rgb"],
  ["NominalRange_0_255", "Bgr8", "0..255", "bgr"],
])("the image metadata of ONNX: %s, %s", async (range, format, name, order) => {
  const bytes = net.changed(net.classifier(), (model) => {
    const entries = { "Image.NominalPixelRange": range, "Image.BitmapPixelFormat": format };
    model.metadataProps = Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
  });
  const { preprocessing } = await inspectModel(net.write(bytes));
  expect(preprocessing).toMatchObject({ preprocessing: { name, order }, certain: true });
});

test.each([
  ["pytorch", "imagenet"],
  ["tf2onnx", "-1..1"],
  ["", "imagenet"],
])("by who wrote it (%s) it is a guess, and said to be one", async (producerName, name) => {
  const bytes = net.changed(net.classifier(), (model) => {
    model.producerName = producerName;
  });
  expect((await inspectModel(net.write(bytes))).preprocessing).toMatchObject({
    preprocessing: { name },
    certain: false,
  });
});

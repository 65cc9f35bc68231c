import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import {
  buildModel,
  compactModel,
  readManifest,
  toFloat16,
  toFloat32,
  toPalette,
} from "../../../src/core/model/index.ts";
import { GraphView } from "../../../src/core/onnx/index.ts";
import { PIXELS } from "./pixelsBackbone.ts";

/** One FC of few different values, one of many. */
function model(): Uint8Array {
  const fc = (values: (i: number) => number) => ({
    weights: Float32Array.from({ length: 3 * 500 }, (_, i) => values(i)),
    dim: 500,
  });
  return buildModel({
    name: "m",
    backbone: PIXELS,
    branches: [
      { kind: "SPoC", fc: fc((i) => Math.sin(i % 97)) },
      { kind: "MAC", fc: fc((i) => Math.sin(i)) },
    ],
  });
}

function constants(bytes: Uint8Array) {
  const graph = fromBinary(ModelProtoSchema, bytes).graph!;
  const view = new GraphView(graph);
  return {
    nodes: graph.node.map(({ opType }) => opType),
    floats: new Map(graph.initializer.map(({ name }) => [name, view.floats(name)])),
  };
}

test("a palette comes back bit by bit", () => {
  const [plain, back] = [model(), toFloat32(toPalette(model(), "m"), "m")].map(constants);
  expect(back!.nodes).toEqual(plain!.nodes);
  expect(new Map([...back!.floats].sort())).toEqual(new Map([...plain!.floats].sort()));
});

test.each([
  ["float16", toFloat16],
  ["the compact form", compactModel],
] as const)("%s comes back in float32, rounded as it was stored", (_, store) => {
  const [plain, stored] = [model(), store(model(), "m")];
  expect(readManifest(stored, "m").precision).toBe("float16");
  const back = toFloat32(stored, "m");
  expect(readManifest(back, "m")).toEqual(readManifest(plain, "m"));
  const [expected, actual] = [constants(plain), constants(back)];
  expect(actual.nodes).toEqual(expected.nodes);
  for (const [name, tensor] of expected.floats) {
    const { dims, values } = actual.floats.get(name) ?? { dims: undefined, values: undefined };
    expect(dims).toEqual(tensor?.dims);
    const worst = Math.max(0, ...(tensor?.values.map((x, i) => Math.abs(x - values![i]!)) ?? []));
    expect(worst).toBeLessThanOrEqual(2 ** -12);
  }
});

test("a file in float32 stays as it is", () => {
  const bytes = model();
  expect(toFloat32(bytes, "m")).toBe(bytes);
});

import { Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { GraphBuilder } from "../../../src/core/onnx/index.ts";
import { countFlops } from "../../bench/flops.ts";

test("counts two operations per multiplication of convolutions and matrix products", async () => {
  const graph = new GraphBuilder("count");
  const x = graph.input("x", "float32", ["N", 4, 8, 8]);
  const constant = (dims: readonly number[]) => graph.floats(new Float32Array(dims.reduce((a, b) => a * b)), dims);
  const full = graph.op("Conv", [x, constant([6, 4, 3, 3])], {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    strides: [2, 2],
  });
  const depthwise = graph.op("Conv", [graph.op("Relu", [full]), constant([6, 1, 3, 3])], {
    kernel_shape: [3, 3],
    group: 6,
  });
  const pooled = graph.op("Flatten", [graph.op("GlobalAveragePool", [depthwise])]);
  const fc = graph.op("MatMul", [pooled, constant([6, 5])]);
  graph.op("Gemm", [fc, constant([7, 5])], { transB: 1 }, "y");
  graph.output("y", "float32", ["N", 7]);
  const feeds = { x: new Tensor("float32", new Float32Array(256), [1, 4, 8, 8]) };
  const expected = 2 * (6 * 4 * 4 * (4 * 9) + 6 * 2 * 2 * 9 + 5 * 6 + 7 * 5);
  expect(await countFlops(graph.encode(), feeds)).toBe(expected);
  const two = { x: new Tensor("float32", new Float32Array(512), [2, 4, 8, 8]) };
  expect(await countFlops(graph.encode(), two)).toBe(2 * expected);
});

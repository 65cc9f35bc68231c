import { rmSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { importModel } from "../../../../src/core/model/import/index.ts";
import { ModelError } from "../../../../src/core/model/index.ts";
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";
import * as net from "./networks.ts";

/** With shapes, padding and slicing as constants, so that a flipped bit asks for something odd and not just for noise. */
function intricate(): Uint8Array {
  const graph = new GraphBuilder("intricate");
  const map = net.body(graph, graph.input("input", "float32", [1, 3, 16, 16]), "inner");
  const shaped = graph.op("Reshape", [map, graph.ints([1, net.CHANNELS, 4, 4])]);
  const padding = graph.op("Pad", [shaped, graph.ints([0, 0, 1, 1, 0, 0, 1, 1])]);
  const pooled = graph.op("MaxPool", [padding], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] });
  const sliced = graph.op("Slice", [pooled, graph.ints([0]), graph.ints([5]), graph.ints([3])]);
  net.classify(graph, graph.op("Clip", [sliced, graph.scalar(0), graph.scalar(6)], {}, "map"));
  return graph.encode();
}

test("a network on which onnxruntime ends its process leaves this one alive, and the next is tried in a new one", async () => {
  const graph = new GraphBuilder("fatal");
  const map = net.body(graph, graph.input("input", "float32", [1, 3, 16, 16]), "inner");
  const padded = graph.op("Pad", [map, graph.ints([0, 0, 1, -(2 ** 62), 0, 0, 1, 1])]);
  // onnxruntime 1.30 fails an assertion where it slices a map of negative size.
  net.classify(graph, graph.op("Slice", [padded, graph.ints([0]), graph.ints([5]), graph.ints([3])], {}, "map"));
  await net.expectRefused(net.write(graph.encode()), /onnxruntime ended \(SIG\w+\) while it tried the network in/);
  const { check } = await importModel({ file: net.write(net.classifier()), out: net.path() });
  expect(check.images).toBe(4);
});

/** Whatever the bytes are, the import ends in a model or in a sentence. */
async function expectSurvived(bytes: Uint8Array): Promise<void> {
  const file = net.write(bytes);
  await importModel({ file, out: `${file}.out` }).catch((error: unknown) => expect(error).toBeInstanceOf(ModelError));
  rmSync(file);
  rmSync(`${file}.out`, { force: true });
}

test("a file that is cut anywhere", async () => {
  const bytes = intricate();
  const cut = fc.nat(bytes.length).map((length) => bytes.subarray(0, length));
  await fc.assert(fc.asyncProperty(cut, expectSurvived), { numRuns: 100 });
}, 60_000);

test("a file with flipped bits", async () => {
  const bytes = intricate();
  const flips = fc.array(fc.nat(8 * bytes.length - 1), { minLength: 1, maxLength: 3 });
  const flipped = flips.map((bits) => {
    const copy = bytes.slice();
    for (const bit of bits) copy[bit >> 3]! ^= 1 << (bit & 7);
    return copy;
  });
  await fc.assert(fc.asyncProperty(flipped, expectSurvived), { numRuns: 100 });
}, 60_000);

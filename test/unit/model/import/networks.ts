/** Small foreign networks, and what the tests do with them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, expect } from "vitest";
import { importModel } from "../../../../src/core/model/import/index.ts";
import { ModelError } from "../../../../src/core/model/index.ts";
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";

export const SIDE = 16;
export const CHANNELS = 6;

/** Numbers that look random and are the same each time. */
export function numbers(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * (seed * 12.9898 + 78.233)) * 0.4);
}

/** conv-relu-conv-relu of stride 2 each: `[N, 3, H, W]` to `[N, 6, H / 4, W / 4]`, named `map`. */
export function body(graph: GraphBuilder, input: string, output = "map"): string {
  const conv = (value: string, from: number, to: number, seed: number) =>
    graph.op(
      "Conv",
      [value, graph.floats(numbers(to * from * 9, seed), [to, from, 3, 3]), graph.floats(numbers(to, seed + 9), [to])],
      {
        kernel_shape: [3, 3],
        strides: [2, 2],
        pads: [1, 1, 1, 1],
      },
    );
  const first = graph.op("Relu", [conv(input, 3, 4, 1)], {}, "early");
  return graph.op("Relu", [conv(first, 4, CHANNELS, 2)], {}, output);
}

/** body, global average pooling, FC to 5 classes, softmax. */
export function classify(graph: GraphBuilder, map: string): void {
  const pooled = graph.op("Flatten", [graph.op("GlobalAveragePool", [map])], {}, "pooled");
  const logits = graph.op("MatMul", [pooled, graph.floats(numbers(CHANNELS * 5, 3), [CHANNELS, 5])], {}, "logits");
  graph.output(graph.op("Softmax", [logits], { axis: 1 }, "classes"), "float32", ["N", 5]);
}

export function classifier(shape: readonly (number | string)[] = ["N", 3, SIDE, SIDE]): Uint8Array {
  const graph = new GraphBuilder("classifier");
  classify(graph, body(graph, graph.input("input", "float32", shape)));
  return graph.encode();
}

const folder = mkdtempSync(join(tmpdir(), "lookalike-import-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A path that nothing lies at yet. */
export function path(name = "m.onnx"): string {
  files++;
  return join(folder, `${files}-${name}`);
}

export function write(bytes: Uint8Array, name = "net.onnx"): string {
  const file = path(name);
  writeFileSync(file, bytes);
  return file;
}

export function changed(bytes: Uint8Array, change: (model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  change(model);
  return toBinary(ModelProtoSchema, model);
}

export type Outputs = Record<string, { data: Float32Array; dims: readonly number[] }>;

export async function run(model: string | Uint8Array, feeds: Record<string, Tensor>): Promise<Outputs> {
  const session =
    typeof model === "string" ? await InferenceSession.create(model) : await InferenceSession.create(model);
  const outputs = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data as Float32Array, dims }]),
  );
}

/** Pictures of noise, uint8 `[count, height, width, 3]`. */
export function pictures(count: number, height = SIDE, width = SIDE): Tensor {
  const pixels = Uint8Array.from({ length: count * height * width * 3 }, (_, i) => (Math.sin(i * i + i) + 1) * 127);
  return new Tensor("uint8", pixels, [count, height, width, 3]);
}

/** The pictures as the network itself is fed, in plain arithmetic: (pixel - mean) / std, `[N, 3, H, W]`. */
export function fed(image: Tensor, mean: readonly number[], std: readonly number[], bgr = false): Tensor {
  const [n = 0, h = 0, w = 0] = image.dims;
  const pixels = image.data as Uint8Array;
  const result = new Float32Array(pixels.length);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < 3; c++)
      for (let at = 0; at < h * w; at++)
        result[(i * 3 + c) * h * w + at] = (pixels[(i * h * w + at) * 3 + (bgr ? 2 - c : c)]! - mean[c]!) / std[c]!;
  return new Tensor("float32", result, [n, 3, h, w]);
}

/** SPoC, MAC and GeM (p = 3) of image `n` of a map, in float64 by their definitions, each of norm 1. */
export function pool(map: { data: Float32Array; dims: readonly number[] }, n: number): Record<string, number[]> {
  const [, c = 0, h = 0, w = 0] = map.dims;
  const channel = (i: number) => Array.from(map.data.subarray((n * c + i) * h * w, (n * c + i + 1) * h * w));
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const each = (of: (values: number[]) => number) => unit(Array.from({ length: c }, (_, i) => of(channel(i))));
  return {
    spoc: each(mean),
    mac: each((values) => Math.max(...values)),
    gem: each((values) => mean(values.map((x) => Math.max(x, 1e-6) ** 3)) ** (1 / 3)),
  };
}

export function unit(values: readonly number[]): number[] {
  const norm = Math.hypot(...values);
  return values.map((x) => x / norm);
}

export function row({ data, dims }: { data: Float32Array; dims: readonly number[] }, n: number): number[] {
  const dim = dims[1]!;
  return Array.from(data.subarray(n * dim, (n + 1) * dim));
}

export function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, x] of expected.entries()) expect(Math.abs(actual[i]! - x)).toBeLessThan(1e-5);
}

/** The import fails with a sentence that names the file, and leaves the present model and its folder alone. */
export async function expectRefused(file: string, message: RegExp, options: object = {}): Promise<void> {
  const out = path();
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

/** Levels of 0..255. */
export const IMAGENET = {
  mean: [0.485, 0.456, 0.406].map((x) => x * 255),
  std: [0.229, 0.224, 0.225].map((x) => x * 255),
};

/** What a network is fed that was trained on ImageNet. */
export const imagenet = (image: Tensor) => ({ input: fed(image, IMAGENET.mean, IMAGENET.std) });

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import type { BackboneSource } from "../../../src/core/model/backbones/backbone.ts";
import type { GraphBuilder } from "../../../src/core/onnx/index.ts";

/** Numbers that look random, the same at each run: -1..1. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
}

function conv(graph: GraphBuilder, input: string, [inputs, outputs]: [number, number], stride: number, seed: number) {
  const next = noise(seed);
  const scale = Math.sqrt(3 / (9 * inputs));
  const weights = Float32Array.from({ length: outputs * inputs * 9 }, () => scale * next());
  const bias = Float32Array.from({ length: outputs }, () => 0.2 * next());
  const constants = [graph.floats(weights, [outputs, inputs, 3, 3]), graph.floats(bias, [outputs])];
  const attributes = { kernel_shape: [3, 3], strides: [stride, stride], pads: [1, 1, 1, 1] };
  return graph.op("Conv", [input, ...constants], attributes);
}

/** Every kind of node that can become int8, once: 32 x 32 in, one tap `[N, 16, 8, 8]`. */
export const SMALL_NET: BackboneSource = {
  backbone: {
    name: "small",
    lastDownsampling: "kept",
    taps: [{ name: "last", channels: 16, height: 8, width: 8 }],
  },
  weights: { source: "none", version: "1", licence: "none" },
  inputSize: 32,
  addTo(graph, pixels) {
    const scaled = graph.op("Div", [pixels, graph.scalar(255)]);
    const stem = graph.op("Clip", [conv(graph, scaled, [3, 8], 2, 1), graph.scalar(0), graph.scalar(6)]);
    const inner = graph.op("Relu", [conv(graph, stem, [8, 8], 1, 2)]);
    const sum = graph.op("Relu", [graph.op("Add", [stem, conv(graph, inner, [8, 8], 1, 3)])]);
    const pooled = graph.op("MaxPool", [sum], { kernel_shape: [2, 2], strides: [2, 2] });
    return [graph.op("Relu", [conv(graph, pooled, [8, 16], 1, 4)])];
  },
};

/** Writes smooth random pictures, a few of each class in a folder of its own; a class shares its waves. */
export async function smoothImages(folder: string, classes: number, each: number): Promise<void> {
  for (let c = 0; c < classes; c++) {
    mkdirSync(join(folder, `class ${c}`), { recursive: true });
    for (let i = 0; i < each; i++) {
      const [wave, own] = [noise(97 * c + 5), noise(1000 * c + i)];
      const waves = [0, 1, 2].map(() => [wave(), wave(), wave() + 0.1 * own()].map((x) => 4 * x));
      const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => {
        const [x, y] = [(Math.floor(at / 3) % 32) / 32, Math.floor(at / 96) / 32];
        const [fx, fy, phase] = waves[at % 3] as [number, number, number];
        return 127 + 120 * Math.sin(fx * x + fy * y + phase);
      });
      await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
        .png()
        .toFile(join(folder, `class ${c}`, `${i}.png`));
    }
  }
}

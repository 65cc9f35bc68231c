import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import type { BackboneSource } from "../../../src/core/model/backbones/backbone.ts";
import { type BranchSpec, buildModel, parseDescriptors } from "../../../src/core/model/index.ts";

/** Three colours in a 4 x 4 grid of four cells: small enough to train in a moment, and it sees colour and place. */
const GRID: BackboneSource = {
  backbone: { name: "grid", lastDownsampling: "kept", taps: [{ name: "pixels", channels: 48, height: 2, width: 2 }] },
  weights: { source: "none", version: "1", licence: "none" },
  inputSize: 8,
  addTo: (graph, pixels) => [
    graph.op("SpaceToDepth", [graph.op("Div", [pixels, graph.scalar(255)])], { blocksize: 4 }),
  ],
};

export function writeGridModel(
  file: string,
  branches: readonly BranchSpec[] = [{ kind: "SPoC" }, { kind: "MAC" }],
): string {
  writeFileSync(file, buildModel({ name: "grid", backbone: GRID, branches }));
  return file;
}

/** Folders of drawings: a class is a shape in a colour of its own, on any background. */
export async function drawClasses(folder: string, classes: number, each: number): Promise<void> {
  for (let c = 0; c < classes; c++) {
    mkdirSync(join(folder, `class ${c}`), { recursive: true });
    for (let i = 0; i < each; i++) {
      const [x, y] = [14 + (c % 3) * 6 + (i % 3), 14 + (c % 4) * 4 + (i % 2)];
      const shape = `<circle cx="${x}" cy="${y}" r="${7 + (c % 5)}" fill="hsl(${c * 47},70%,45%)"/>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="hsl(${i * 83 + c * 11},50%,75%)"/>${shape}</svg>`;
      await sharp(Buffer.from(svg))
        .png()
        .toFile(join(folder, `class ${c}`, `${i}.png`));
    }
  }
}

/** A network of two convolutions on 32 pixels, with weights from a sine: it trains end to end in moments. */
export function writeConvModel(file: string): string {
  const wave = (n: number, scale: number) => Float32Array.from({ length: n }, (_, i) => scale * Math.sin(1 + 7 * i));
  const taps = [{ name: "conv2", channels: 12, height: 8, width: 8 }];
  const backbone: BackboneSource = {
    backbone: { name: "two convolutions", lastDownsampling: "kept", taps },
    weights: { source: "none", version: "1", licence: "none" },
    inputSize: 32,
    addTo(graph, pixels) {
      const conv = (x: string, from: number, to: number) => {
        const weights = graph.floats(wave(to * from * 9, 1 / Math.sqrt(from * 4)), [to, from, 3, 3]);
        const bias = graph.floats(new Float32Array(to), [to]);
        const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
        return graph.op("Relu", [graph.op("Conv", [x, weights, bias], attributes)]);
      };
      return [conv(conv(graph.op("Div", [pixels, graph.scalar(255)]), 3, 8), 8, 12)];
    },
  };
  const branches = parseDescriptors("SG");
  writeFileSync(file, buildModel({ name: "conv", backbone, branches }));
  return file;
}

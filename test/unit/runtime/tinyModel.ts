import { type BackboneSource, buildModel, parseDescriptors } from "../../../src/core/model/index.ts";

const SIDE = 64;

/**
 * A model with everything that a real one has, small enough for a GPU in software: three convolutions (one of them
 * depthwise) with weights that are the same on every machine, then SPoC, MAC and GeM.
 * @param onlyOnCpu adds an operator that onnxruntime has no WebGPU version of
 */
export function tinyModel(onlyOnCpu = false): Uint8Array {
  const channels = 24;
  const backbone: BackboneSource = {
    backbone: {
      name: "tiny",
      lastDownsampling: "kept",
      taps: [{ name: "last", channels, height: SIDE / 8, width: SIDE / 8 }],
    },
    weights: { source: "a formula", version: "1", licence: "none" },
    inputSize: SIDE,
    addTo(graph, pixels) {
      const conv = (input: string, outputs: number, inputs: number, group: number) => {
        const weights = graph.floats(wave(outputs * inputs * 9, outputs + inputs), [outputs, inputs, 3, 3]);
        const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2], group };
        const map = graph.op("Conv", [input, weights, graph.floats(wave(outputs, 3), [outputs])], attributes);
        return graph.op("Clip", [map, graph.scalar(0), graph.scalar(6)]);
      };
      const first = conv(graph.op("Div", [pixels, graph.scalar(255)]), channels, 3, 1);
      const last = conv(conv(first, channels, 1, channels), channels, channels, 1);
      return [onlyOnCpu ? graph.op("LRN", [last], { size: 3 }) : last];
    },
  };
  return buildModel({ name: "tiny", backbone, branches: parseDescriptors("SMG") });
}

/** Values between -0.5 and 0.5 without a pattern that convolutions would cancel. */
function wave(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) + seed) / 2);
}

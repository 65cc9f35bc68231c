import { GraphBuilder } from "../../src/core/onnx/index.ts";

const SIDE = 224;

/** Blocks of each stage, and whether a block is a bottleneck (1x1, 3x3, 1x1) or two 3x3 convolutions. */
const LAYOUTS = {
  "resnet-18": { blocks: [2, 2, 2, 2], bottleneck: false },
  "resnet-50": { blocks: [3, 4, 6, 3], bottleneck: true },
} as const;

/**
 * A ResNet with random weights (He et al., arXiv 1512.03385, table 1; batch norm folded, stride in the 3x3), for its
 * speed only. Input `image` uint8 `[N, 224, 224, 3]`, output `spoc` float32 `[N, C]`.
 */
export function randomResnet(name: keyof typeof LAYOUTS): Uint8Array {
  const graph = new GraphBuilder(name);
  const image = graph.input("image", "uint8", ["N", SIDE, SIDE, 3]);
  const pixels = graph.op("Cast", [graph.op("Transpose", [image], { perm: [0, 3, 1, 2] })], { to: 1 });
  const random = randomValues();
  const conv = (input: string, inputs: number, outputs: number, size: number, stride: number): string => {
    const scale = Math.sqrt(2 / (inputs * size * size));
    const weights = Float32Array.from({ length: outputs * inputs * size * size }, () => scale * random());
    const pad = (size - 1) / 2;
    return graph.op(
      "Conv",
      [input, graph.floats(weights, [outputs, inputs, size, size]), graph.floats(new Float32Array(outputs), [outputs])],
      { kernel_shape: [size, size], strides: [stride, stride], pads: [pad, pad, pad, pad] },
    );
  };
  const relu = (input: string) => graph.op("Relu", [input]);

  let map = relu(conv(graph.op("Div", [pixels, graph.scalar(255)]), 3, 64, 7, 2));
  map = graph.op("MaxPool", [map], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  const { blocks, bottleneck } = LAYOUTS[name];
  for (const [stage, count] of blocks.entries()) {
    const width = 64 * 2 ** stage;
    const outputs = bottleneck ? 4 * width : width;
    for (let block = 0; block < count; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const shortcut = stride === 1 && channels === outputs ? map : conv(map, channels, outputs, 1, stride);
      const inner = bottleneck
        ? conv(relu(conv(relu(conv(map, channels, width, 1, 1)), width, width, 3, stride)), width, outputs, 1, 1)
        : conv(relu(conv(map, channels, width, 3, stride)), width, width, 3, 1);
      map = relu(graph.op("Add", [inner, shortcut]));
      channels = outputs;
    }
  }
  graph.op("Flatten", [graph.op("GlobalAveragePool", [map])], {}, "spoc");
  graph.output("spoc", "float32", ["N", channels]);
  return graph.encode();
}

/** Uniform in -1..1, the same in each run. */
function randomValues(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

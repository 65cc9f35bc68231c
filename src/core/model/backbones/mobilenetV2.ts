import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as v from "valibot";
import type { GraphBuilder } from "../../onnx/index.ts";
import { ModelError } from "../errors.ts";
import type { BackboneSource } from "./backbone.ts";
import { readTfjsGraph, type TfjsGraph, type TfjsNode, type TfjsTensor } from "./tfjsGraph.ts";

/** Feature maps of the network, first to last; the names of inner blocks are those of the original's nodes. */
const TAPS = [
  { name: "block_13_expand", node: "expanded_conv_13/expand/Relu6", channels: 816 },
  { name: "block_14_expand", node: "expanded_conv_14/expand/Relu6", channels: 1344 },
  { name: "block_15_expand", node: "expanded_conv_15/expand/Relu6", channels: 1344 },
  { name: "conv_1", node: "Conv_1/Relu6", channels: 1792 },
] as const;

/** After the last convolution the original network only averages and classifies. */
const LAST_TAP = "conv_1";

/** The last downsampling happens inside block 13, behind its first convolution. */
const LAST_DOWNSAMPLING = "expanded_conv_13/depthwise/depthwise";
const BEFORE_DOWNSAMPLING = "block_13_expand";

const INPUT_SIZE = 224;

export interface MobilenetOptions {
  /** Names of the feature maps that branches can pool; by default the last one. */
  readonly taps?: readonly string[];
  /** Kept by default: to remove it without training again costs accuracy. */
  readonly lastDownsampling?: "kept" | "removed";
}

const ConvAttributes = v.object({
  strides: v.object({ list: v.object({ i: v.array(v.union([v.string(), v.number()])) }) }),
  padding: v.object({ s: v.string() }),
  fused_ops: v.object({ list: v.object({ s: v.optional(v.array(v.string()), []) }) }),
});

/**
 * MobileNetV2 of width 1.4 with the weights of `mobilenet_v2_mid` in the npm package nsfwjs (MIT). Batch norm is folded
 * into its convolutions. 224 x 224 in; each tap is the ReLU6 of a 1 x 1 convolution, the last one 1792 x 7 x 7.
 * @throws ModelError where the package is missing or another one, and for an unknown tap
 */
export function mobilenetV2({ taps = [LAST_TAP], lastDownsampling = "kept" }: MobilenetOptions = {}): BackboneSource {
  const wanted = taps.map((name) => {
    const tap = TAPS.find((known) => known.name === name);
    if (tap !== undefined) return tap;
    throw new ModelError(`mobilenetv2 has no tap "${name}". Known: ${TAPS.map((known) => known.name).join(", ")}.`);
  });
  const side = (tap: string) => INPUT_SIZE / (tap === BEFORE_DOWNSAMPLING || lastDownsampling === "removed" ? 16 : 32);
  const { folder, version } = locateWeights();
  const graph = readTfjsGraph(join(folder, "dist", "models", "mobilenet_v2_mid"));
  return {
    backbone: {
      name: "mobilenetv2-1.4",
      lastDownsampling,
      taps: wanted.map(({ name, channels }) => ({ name, channels, height: side(name), width: side(name) })),
    },
    weights: { source: "npm nsfwjs, mobilenet_v2_mid", version, licence: "MIT" },
    inputSize: INPUT_SIZE,
    addTo(builder, pixels) {
      const values = convert(graph, builder, pixels, lastDownsampling === "removed");
      return wanted.map(({ node }) => values.get(node)!);
    },
  };
}

function locateWeights(): { folder: string; version: string } {
  const require = createRequire(import.meta.url);
  try {
    // The package exports its code only, so its folder is found from its main module: <folder>/dist/cjs/index.js.
    const folder = join(dirname(require.resolve("nsfwjs")), "..", "..");
    const { version } = require(join(folder, "package.json")) as { version: string };
    return { folder, version };
  } catch (cause) {
    throw new ModelError('The weights of the default model are missing. Run "npm ci" and build again.', { cause });
  }
}

/**
 * Writes the network node by node, from the pixels to the last convolution.
 * @returns names of the taps' feature maps, by node
 */
function convert(
  { nodes, tensors }: TfjsGraph,
  builder: GraphBuilder,
  pixels: string,
  removeDownsampling: boolean,
): ReadonlyMap<string, string> {
  const maps = new Map<string, string>();
  const values = new Map<string, string>();
  const tensor = (name: string): TfjsTensor => {
    const found = tensors.get(name);
    if (found === undefined) throw new ModelError(`The weights have no tensor ${name}.`);
    return found;
  };
  const value = (name: string): string => {
    const known = values.get(name);
    if (known === undefined) throw new ModelError(`The network uses ${name} before it is computed.`);
    return known;
  };
  for (const node of nodes) {
    switch (node.op) {
      case "Placeholder":
        // The original wants 0..1.
        values.set(node.name, builder.op("Div", [pixels, builder.scalar(255)]));
        break;
      case "Mul":
      case "Sub":
      case "AddV2": {
        const inputs = node.input.map((name) =>
          values.has(name) ? value(name) : builder.floats(tensor(name).values, tensor(name).shape),
        );
        values.set(node.name, builder.op(node.op === "AddV2" ? "Add" : node.op, inputs));
        break;
      }
      case "_FusedConv2D":
      case "FusedDepthwiseConv2dNative": {
        const [input, weights, bias] = node.input;
        const stride = removeDownsampling && node.name.endsWith(LAST_DOWNSAMPLING) ? 1 : undefined;
        values.set(node.name, addConv(builder, node, value(input!), tensor(weights!), tensor(bias!), stride));
        break;
      }
      case "Const":
        break;
      default:
        throw new ModelError(`The network has a node of kind ${node.op}, which is not known here.`);
    }
    const tap = TAPS.find((candidate) => node.name.endsWith(`/${candidate.node}`));
    if (tap === undefined) continue;
    maps.set(tap.node, value(node.name));
    if (tap.name === LAST_TAP) return maps;
  }
  throw new ModelError("The network has no last convolution named Conv_1.");
}

/** A convolution with bias, and ReLU6 where the original has it. @param stride instead of the original's */
function addConv(
  builder: GraphBuilder,
  node: TfjsNode,
  input: string,
  weights: TfjsTensor,
  bias: TfjsTensor,
  stride?: number,
): string {
  const attributes = v.parse(ConvAttributes, node.attr);
  const depthwise = node.op === "FusedDepthwiseConv2dNative";
  const [height, width, c, m] = weights.shape as [number, number, number, number];
  // TensorFlow has [h, w, in, out] and, depthwise, [h, w, channels, 1]; ONNX has [out, in / groups, h, w].
  const [outputs, inputs] = depthwise ? [c * m, 1] : [m, c];
  const kernel = new Float32Array(weights.values.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++)
          kernel[((o * inputs + i) * height + y) * width + x] =
            weights.values[((y * width + x) * inputs + i) * outputs + o]!;

  const [, strideY, strideX] = attributes.strides.list.i.map(Number);
  const padding = Buffer.from(attributes.padding.s, "base64").toString();
  if (padding !== "SAME") throw new ModelError(`A convolution with padding ${padding} is not known here.`);
  const output = builder.op(
    "Conv",
    [input, builder.floats(kernel, [outputs, inputs, height, width]), builder.floats(bias.values, bias.shape)],
    {
      // TensorFlow puts the odd row of padding at the end.
      auto_pad: "SAME_UPPER",
      kernel_shape: [height, width],
      strides: [stride ?? strideY!, stride ?? strideX!],
      group: depthwise ? outputs : 1,
    },
  );
  const relu6 = attributes.fused_ops.list.s.some((op) => Buffer.from(op, "base64").toString() === "Relu6");
  return relu6 ? builder.op("Clip", [output, builder.scalar(0), builder.scalar(6)]) : output;
}

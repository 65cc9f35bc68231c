import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { GraphBuilder } from "../../onnx/index.ts";
import { ModelError } from "../errors.ts";
import type { BackboneSource } from "./backbone.ts";
import { readTfliteGraph, type TfliteGraph, type TfliteOp } from "./tfliteGraph.ts";

const PACKAGE = "@mediapipe/objectron";
const FILE = "objectron_solution_packed_assets.data";
/** The network lies in a file of several, behind a list of labels. */
const OFFSET = 184;

/** Feature maps by which operator gives them, in the order of the file. */
const TAPS = [
  { name: "ssd_block_14_expand", op: 144 },
  { name: "ssd_block_15_expand", op: 154 },
] as const;
const CHANNELS = 960;
const INPUT_SIZE = 224;

/**
 * MobileNetV2 of width 1.0 as the object detector of the npm package @mediapipe/objectron (Apache-2.0) has it, with weights in
 * float16 and batch norm folded in. It was made for 300 x 300; its maps are taken at 224 x 224, so that both networks of the default
 * see the same pixels. Each tap is the ReLU6 of a 1 x 1 convolution, 960 x 7 x 7.
 * @throws ModelError where the package is missing or another one
 */
export function ssdMobilenetV2(): BackboneSource {
  const { bytes, version } = locateWeights();
  const graph = readTfliteGraph(bytes, FILE);
  const side = INPUT_SIZE / 32;
  return {
    backbone: {
      name: "ssd-mobilenetv2-1.0",
      lastDownsampling: "kept",
      taps: TAPS.map(({ name }) => ({ name, channels: CHANNELS, height: side, width: side })),
    },
    weights: { source: `npm ${PACKAGE}, SSD MobileNetV2`, version, licence: "Apache-2.0" },
    inputSize: INPUT_SIZE,
    addTo: (builder, pixels) => convert(graph, builder, pixels),
  };
}

function locateWeights(): { readonly bytes: Uint8Array; readonly version: string } {
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(require.resolve(`${PACKAGE}/package.json`));
    const { version } = require(`${PACKAGE}/package.json`) as { version: string };
    return { bytes: Uint8Array.from(readFileSync(join(folder, FILE)).subarray(OFFSET)), version };
  } catch (cause) {
    throw new ModelError('The weights of the second network are missing. Run "npm ci" and build again.', { cause });
  }
}

/** Writes the network up to the last tap. @returns names of the taps' feature maps */
function convert({ inputs, ops, tensors }: TfliteGraph, builder: GraphBuilder, pixels: string): string[] {
  // The original wants -1..1. By the same operators as the default's, so that in one graph they are computed once.
  const doubled = builder.op("Mul", [builder.op("Div", [pixels, builder.scalar(255)]), builder.scalar(2)]);
  const scaled = builder.op("Sub", [doubled, builder.scalar(1)]);
  const values = new Map([[inputs[0]!, scaled]]);
  /** Constants in float16 are read through an operator that widens them. */
  const widened = new Map<number, number>();
  const value = (tensor: number): string => {
    const known = values.get(tensor);
    if (known === undefined) throw new ModelError(`The network in ${PACKAGE} uses a value before it is computed.`);
    return known;
  };
  const constant = (tensor: number) => {
    const { shape, values: found } = tensors[widened.get(tensor) ?? tensor]!;
    if (found === null) throw new ModelError(`A convolution in ${PACKAGE} has no weights.`);
    return { shape, values: found };
  };
  const activated = ({ relu6 }: TfliteOp, output: string) =>
    relu6 ? builder.op("Clip", [output, builder.scalar(0), builder.scalar(6)]) : output;

  const needed = neededFor(ops);
  const maps: string[] = [];
  for (const [i, op] of ops.entries()) {
    if (!needed.has(i)) continue;
    const [first, second, third] = op.inputs as [number, number, number];
    const output = op.outputs[0]!;
    if (op.kind === "Dequantize") widened.set(output, first);
    else if (op.kind === "Add") values.set(output, activated(op, builder.op("Add", [value(first), value(second)])));
    else if (op.kind === "Conv" || op.kind === "Depthwise") {
      if (!op.same) throw new ModelError(`A convolution in ${PACKAGE} has a padding that is not known here.`);
      const weights = constant(second);
      const bias = constant(third);
      const depthwise = op.kind === "Depthwise";
      const [outputs, height, width, inner] = weights.shape as [number, number, number, number];
      const groups = depthwise ? inner : 1;
      const kernel = depthwise
        ? outerFirst(weights.values, height * width, inner)
        : innerSecond(weights.values, outputs, height * width, inner);
      const convolved = builder.op(
        "Conv",
        [
          value(first),
          builder.floats(kernel, depthwise ? [inner, 1, height, width] : [outputs, inner, height, width]),
          builder.floats(bias.values, [bias.values.length]),
        ],
        // TensorFlow puts the odd row of padding at the end.
        { auto_pad: "SAME_UPPER", kernel_shape: [height, width], strides: op.strides, group: groups },
      );
      values.set(output, activated(op, convolved));
    }
    if (TAPS.some((tap) => tap.op === i)) maps.push(value(output));
    if (maps.length === TAPS.length) return maps;
  }
  throw new ModelError(`The network in ${PACKAGE} is another one than expected.`);
}

/** Places of the operators that taps are computed from: between them lie some that find boxes. */
function neededFor(ops: readonly TfliteOp[]): Set<number> {
  const wanted = new Set(TAPS.flatMap(({ op }) => ops[op]?.outputs ?? []));
  const needed = new Set<number>();
  for (let i = ops.length - 1; i >= 0; i--) {
    if (!ops[i]!.outputs.some((output) => wanted.has(output))) continue;
    needed.add(i);
    for (const input of ops[i]!.inputs) wanted.add(input);
  }
  return needed;
}

/** `[1, places, channels]` to `[channels, places]`. */
function outerFirst(values: Float32Array, places: number, channels: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % places) * channels + Math.floor(i / places)]!);
}

/** `[outputs, places, inputs]` to `[outputs, inputs, places]`. */
function innerSecond(values: Float32Array, outputs: number, places: number, inputs: number): Float32Array {
  const each = places * inputs;
  const result = new Float32Array(outputs * each);
  for (let o = 0; o < outputs; o++) {
    result.set(outerFirst(values.subarray(o * each, (o + 1) * each), places, inputs), o * each);
  }
  return result;
}

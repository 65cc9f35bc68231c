import type { Backbone, Tap, WeightsOrigin } from "../../../shared/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";
import { ModelError } from "../errors.ts";
import type { Safetensors } from "../safetensors.ts";
import { readWeightsOrigin } from "../weightsOrigin.ts";
import type { BackboneSource } from "./backbone.ts";
import { type BlockLayout, type ConvLayout, type ResnetLayout, recogniseResnet } from "./resnetLayout.ts";

/** Mean and standard deviation per channel of ImageNet, for RGB in 0..1; torchvision's and timm's ResNets expect them. */
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];
/** Batch norm's epsilon in torchvision and timm. */
const EPSILON = 1e-5;
/** Layers whose output can be pooled. */
const TAPS: readonly string[] = ["layer2", "layer3", "layer4"];

export interface ResnetOptions {
  /** `removed` sets the stride of layer4 to 1, as the CGD paper does: 14 x 14 instead of 7 x 7 at 224. `kept` by default. */
  readonly lastDownsampling?: Backbone["lastDownsampling"];
  /** Some of `layer2`, `layer3`, `layer4`, in the order wanted; `layer4` by default. Layers after the last tap are left out. */
  readonly taps?: readonly string[];
  /** Side of the input in pixels; 224 by default. */
  readonly inputSize?: number;
}

/**
 * The ResNet or SE-ResNet of a safetensors file with torchvision's or timm's tensor names, batch norm folded into its
 * convolutions. Its name is recognised from the tensors. A tap is a layer's output `[N, C, h, w]` after its last ReLU.
 * @throws ModelError where the file cannot be used, or for a tap that does not exist
 */
export function resnet(
  weights: Safetensors,
  file: string,
  { lastDownsampling = "kept", taps = ["layer4"], inputSize = 224 }: ResnetOptions = {},
): BackboneSource {
  const whole = recogniseResnet(weights, file);
  checkTaps(taps, whole.name);
  const layout = trim(lastDownsampling === "removed" ? withoutLastDownsampling(whole) : whole, taps);
  const maps = featureMaps(layout, inputSize);
  const origin: WeightsOrigin = readWeightsOrigin(file, weights.sha256);
  return {
    backbone: { name: layout.name, lastDownsampling, taps: taps.map((tap) => maps.get(tap)!) },
    weights: origin,
    inputSize,
    addTo(graph, pixels) {
      const outputs = new ResnetWriter(graph, weights, file).write(layout, pixels);
      return taps.map((tap) => outputs.get(tap)!);
    },
  };
}

function checkTaps(taps: readonly string[], name: string): void {
  const unknown = taps.find((tap) => !TAPS.includes(tap));
  if (unknown !== undefined) throw new ModelError(`${name} has no tap ${unknown}; its taps are ${TAPS.join(", ")}.`);
  if (taps.length === 0) throw new ModelError(`${name} needs a tap: one or several of ${TAPS.join(", ")}.`);
  if (new Set(taps).size < taps.length) throw new ModelError(`Name each tap of ${name} once.`);
}

/** The network up to its last tap. */
function trim(layout: ResnetLayout, taps: readonly string[]): ResnetLayout {
  const last = layout.layers.findLastIndex(({ name }) => taps.includes(name));
  return { ...layout, layers: layout.layers.slice(0, last + 1) };
}

/** Stride 1 in layer4 and its shortcut; every weight stays as it is. */
function withoutLastDownsampling(layout: ResnetLayout): ResnetLayout {
  const flat = (conv: ConvLayout): ConvLayout => ({ ...conv, stride: 1 });
  const layers = layout.layers.map((layer) => {
    if (layer.name !== "layer4") return layer;
    const blocks = layer.blocks.map(({ convs, downsample, ...block }) => ({
      ...block,
      convs: convs.map(flat),
      ...(downsample ? { downsample: flat(downsample) } : {}),
    }));
    return { ...layer, blocks };
  });
  return { ...layout, layers };
}

function featureMaps({ layers }: ResnetLayout, inputSize: number): Map<string, Tap> {
  // The stem and its max pooling halve the side, and each stride of a layer does: all with padding, so rounded up.
  let side = Math.ceil(Math.ceil(inputSize / 2) / 2);
  return new Map(
    layers.map(({ name, channels, blocks }) => {
      for (const { convs } of blocks) for (const { stride } of convs) side = Math.ceil(side / stride);
      return [name, { name, channels, height: side, width: side }];
    }),
  );
}

class ResnetWriter {
  readonly #graph: GraphBuilder;
  readonly #weights: Safetensors;
  readonly #file: string;

  constructor(graph: GraphBuilder, weights: Safetensors, file: string) {
    this.#graph = graph;
    this.#weights = weights;
    this.#file = file;
  }

  /** @returns the output of each layer, by its name */
  write({ stem, layers }: ResnetLayout, pixels: string): Map<string, string> {
    const graph = this.#graph;
    const perChannel = (values: readonly number[]) => graph.floats(Float32Array.from(values), [1, 3, 1, 1]);
    const centred = graph.op("Sub", [pixels, perChannel(MEAN.map((mean) => mean * 255))]);
    const normalised = graph.op("Div", [centred, perChannel(STD.map((std) => std * 255))]);
    const first = graph.op("Relu", [this.#conv(stem, normalised)]);
    const pooling = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
    let x = graph.op("MaxPool", [first], pooling);
    const outputs = new Map<string, string>();
    for (const { name, blocks } of layers) {
      for (const block of blocks) x = this.#block(block, x);
      outputs.set(name, x);
    }
    return outputs;
  }

  #block({ convs, downsample, se }: BlockLayout, input: string): string {
    let x = input;
    for (const [i, conv] of convs.entries()) {
      x = this.#conv(conv, x);
      if (i < convs.length - 1) x = this.#graph.op("Relu", [x]);
    }
    if (se !== undefined) x = this.#graph.op("Mul", [x, this.#excitation(se.prefix, x)]);
    const shortcut = downsample === undefined ? input : this.#conv(downsample, input);
    return this.#graph.op("Relu", [this.#graph.op("Add", [x, shortcut])]);
  }

  /** A weight in 0..1 per channel, `[N, C, 1, 1]`. */
  #excitation(prefix: string, x: string): string {
    const fc = (name: string, input: string) => {
      const { values, shape } = this.#weights.floats(`${prefix}.${name}.weight`);
      const bias = this.#weights.floats(`${prefix}.${name}.bias`);
      this.#checkNumbers(`${prefix}.${name}`, values, bias.values);
      return this.#graph.op("Conv", [
        input,
        this.#graph.floats(values, shape),
        this.#graph.floats(bias.values, bias.shape),
      ]);
    };
    const squeezed = this.#graph.op("GlobalAveragePool", [x]);
    return this.#graph.op("Sigmoid", [fc("fc2", this.#graph.op("Relu", [fc("fc1", squeezed)]))]);
  }

  /** A convolution with its batch norm: w' = w * scale / sqrt(var + eps), b' = shift - mean * scale / sqrt(var + eps). */
  #conv({ conv, norm, outputs, kernel, stride }: ConvLayout, input: string): string {
    const { values, shape } = this.#weights.floats(`${conv}.weight`);
    const [scale, shift, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(
      (of) => this.#weights.floats(`${norm}.${of}`).values,
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const factors = Array.from(scale, (s, i) => s / Math.sqrt(variance[i]! + EPSILON));
    const size = values.length / outputs;
    const folded = values.map((w, i) => w * factors[Math.floor(i / size)]!);
    const bias = shift.map((b, i) => b - mean[i]! * factors[i]!);
    this.#checkNumbers(`${conv} or ${norm}`, folded, bias);
    const padding = (kernel - 1) / 2;
    return this.#graph.op("Conv", [input, this.#graph.floats(folded, shape), this.#graph.floats(bias, [outputs])], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    });
  }

  #checkNumbers(where: string, ...arrays: readonly Float32Array[]): void {
    if (arrays.every((values) => values.every(Number.isFinite))) return;
    throw new ModelError(`${this.#file} has values in ${where} that are no finite numbers. Take other weights.`);
  }
}

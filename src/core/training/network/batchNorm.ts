import type { NodeProto } from "onnx-buf";
import type { ConstantTensor, GraphBuilder } from "../../onnx/index.ts";
import { after } from "../adam.ts";
import { type Dims, sizeOf } from "../attributes.ts";
import type { NamedTensors } from "../parameters.ts";

/** As in torch: of the new statistics in the running ones, and what keeps a channel without variance finite. */
const MOMENTUM = 0.1;
const EPSILON = 1e-5;

/** A convolution that is followed by a batch norm of its own while it is trained. */
export interface NormalisedConv {
  readonly node: NodeProto;
  /** Names of the convolution's constants. */
  readonly weights: string;
  readonly bias: string;
  /** Sizes of the output, `[N, C, h, w]`. */
  readonly out: Dims;
}

const scaleOf = ({ weights }: NormalisedConv) => `${weights}/scale`;
const shiftOf = ({ weights }: NormalisedConv) => `${weights}/shift`;
const meanOf = ({ weights }: NormalisedConv) => `${weights}/mean`;
const varianceOf = ({ weights }: NormalisedConv) => `${weights}/variance`;
const channelsOf = ({ out }: NormalisedConv): Dims => [1, out[1]!, 1, 1];

/** Names of a batch norm's tensors, and of the convolution's before it. */
export function normNames(conv: NormalisedConv) {
  const { weights, bias } = conv;
  return { weights, bias, scale: scaleOf(conv), shift: shiftOf(conv), mean: meanOf(conv), variance: varianceOf(conv) };
}

/**
 * The batch norms before the first step: scale and shift are trained, the running statistics are not. They are the ones of
 * a batch norm that does nothing, so that folding them gives the model as it was.
 * @param biases of the convolutions, by name
 */
export function firstNorms(
  convs: readonly NormalisedConv[],
  biases: ReadonlyMap<string, ConstantTensor>,
): { readonly parameters: NamedTensors; readonly statistics: NamedTensors } {
  const filled = (conv: NormalisedConv, value: number) => ({
    dims: channelsOf(conv),
    values: new Float32Array(sizeOf(channelsOf(conv))).fill(value),
  });
  return {
    parameters: new Map(
      convs.flatMap((conv) => [
        [scaleOf(conv), filled(conv, 1)] as const,
        [shiftOf(conv), { dims: channelsOf(conv), values: biases.get(conv.bias)!.values }] as const,
      ]),
    ),
    statistics: new Map(
      convs.flatMap((conv) => [
        [meanOf(conv), filled(conv, 0)] as const,
        [varianceOf(conv), filled(conv, 1 - EPSILON)] as const,
      ]),
    ),
  };
}

/**
 * Adds a batch norm with the statistics of the batch (Ioffe and Szegedy 2015, algorithm 1) behind a convolution without
 * bias, and the running statistics that follow them, which become outputs.
 * @param raw the convolution's output
 * @param output name of the result
 */
export function addBatchNorm(graph: GraphBuilder, conv: NormalisedConv, raw: string, output: string): void {
  const axes = [0, 2, 3];
  const mean = graph.op("ReduceMean", [raw], { axes, keepdims: 1 });
  const centred = graph.op("Sub", [raw, mean]);
  const variance = graph.op("ReduceMean", [graph.op("Mul", [centred, centred])], { axes, keepdims: 1 });
  const deviation = graph.op("Sqrt", [graph.op("Add", [variance, graph.scalar(EPSILON)])]);
  const scaled = graph.op("Mul", [centred, graph.op("Div", [scaleOf(conv), deviation])]);
  graph.op("Add", [scaled, shiftOf(conv)], {}, output);

  const count = sizeOf(conv.out) / conv.out[1]!;
  const unbiased = graph.op("Mul", [variance, graph.scalar(count / Math.max(1, count - 1))]);
  for (const [name, now] of [
    [meanOf(conv), mean],
    [varianceOf(conv), unbiased],
  ] as const) {
    graph.input(name, "float32", channelsOf(conv));
    const kept = graph.op("Mul", [name, graph.scalar(1 - MOMENTUM)]);
    graph.op("Add", [kept, graph.op("Mul", [now, graph.scalar(MOMENTUM)])], {}, after(name));
    graph.output(after(name), "float32", channelsOf(conv));
  }
}

/** Adds mean and variance of a convolution's output, as outputs of the names of its running statistics. */
export function addStatistics(graph: GraphBuilder, conv: NormalisedConv, value: string): void {
  const axes = [0, 2, 3];
  const mean = graph.op("ReduceMean", [value], { axes, keepdims: 1 }, meanOf(conv));
  const centred = graph.op("Sub", [value, mean]);
  graph.op("ReduceMean", [graph.op("Mul", [centred, centred])], { axes, keepdims: 1 }, varianceOf(conv));
  for (const name of [mean, varianceOf(conv)]) graph.output(name, "float32", channelsOf(conv));
}

/**
 * Batch norms that do to a batch what the folded convolutions did: scale and shift are its own deviation and mean.
 * @param measured mean and variance of each convolution's output with its bias, by the names of the running statistics
 * @param biasOf the bias of a convolution
 * @returns new values of parameters and running statistics, by name
 */
export function calibrated(
  convs: readonly NormalisedConv[],
  measured: ReadonlyMap<string, Float32Array>,
  biasOf: (conv: NormalisedConv) => Float32Array,
): ReadonlyMap<string, Float32Array> {
  return new Map(
    convs.flatMap((conv) => {
      const [mean, variance, bias] = [measured.get(meanOf(conv))!, measured.get(varianceOf(conv))!, biasOf(conv)];
      return [
        [scaleOf(conv), variance.map((x) => Math.sqrt(x + EPSILON))] as const,
        [shiftOf(conv), mean.slice()] as const,
        [meanOf(conv), mean.map((x, c) => x - bias[c]!)] as const,
        [varianceOf(conv), variance.slice()] as const,
      ];
    }),
  );
}

/** The weights and bias of a convolution that does what it and its batch norm with running statistics do. */
export function folded(
  conv: NormalisedConv,
  value: (name: string) => Float32Array,
): { readonly weights: Float32Array; readonly bias: Float32Array } {
  const [scale, shift, mean, variance] = [scaleOf, shiftOf, meanOf, varianceOf].map((of) => value(of(conv)));
  const factors = Float64Array.from(scale!, (x, c) => x / Math.sqrt(variance![c]! + EPSILON));
  const weights = value(conv.weights);
  const size = weights.length / factors.length;
  return {
    weights: weights.map((x, i) => x * factors[Math.floor(i / size)]!),
    bias: shift!.map((x, c) => x - mean![c]! * factors[c]!),
  };
}

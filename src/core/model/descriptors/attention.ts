import type { GraphBuilder } from "../../onnx/index.ts";
import { addSigmoid } from "./sigmoid.ts";
import { addWeights } from "./weights.ts";

/** Side of CBAM's spatial kernel, as in the paper. */
export const CBAM_KERNEL = 7;

/** Two FC with a ReLU between them, from C channels to fewer and back. */
export interface ChannelMlp {
  /** `weights` float32 `[C, hidden]`, `bias` `[hidden]`. */
  readonly reduce: { readonly weights: Float32Array; readonly bias: Float32Array };
  /** `weights` float32 `[hidden, C]`, `bias` `[C]`. */
  readonly expand: { readonly weights: Float32Array; readonly bias: Float32Array };
}

/** Squeeze-excitation (Hu et al. 2018, section 3). */
export interface SqueezeExcitation {
  readonly kind: "SE";
  readonly mlp: ChannelMlp;
}

/** Convolutional block attention module (Woo et al. 2018, section 3). */
export interface Cbam {
  readonly kind: "CBAM";
  readonly mlp: ChannelMlp;
  /** The spatial convolution: `weights` float32 `[2, 7, 7]`, first for the mean over channels, then for the maximum. */
  readonly spatial: { readonly weights: Float32Array; readonly bias: number };
}

export type Attention = SqueezeExcitation | Cbam;

/**
 * Re-weights a feature map.
 * SE: x times sigmoid(mlp(mean over positions)), per channel.
 * CBAM: x times sigmoid(mlp(mean) + mlp(maximum)), per channel; then times sigmoid(conv(mean and maximum over channels)), per position.
 * @param features float32 `[N, C, h, w]`
 * @returns `[N, C, h, w]`
 */
export function addAttention(graph: GraphBuilder, features: string, channels: number, attention: Attention): string {
  const mlp = mlpAdder(graph, channels, attention.mlp);
  const mean = mlp(graph.op("GlobalAveragePool", [features]));
  if (attention.kind === "SE") return addGate(graph, features, asMap(graph, mean, channels));
  const sum = graph.op("Add", [mean, mlp(graph.op("GlobalMaxPool", [features]))]);
  const byChannel = addGate(graph, features, asMap(graph, sum, channels));

  const statistics = graph.op(
    "Concat",
    ["ReduceMean", "ReduceMax"].map((reduce) => graph.op(reduce, [byChannel], { axes: [1], keepdims: 1 })),
    { axis: 1 },
  );
  const { weights, bias } = attention.spatial;
  const kernel = addWeights(graph, "spatial weights of CBAM", weights, [1, 2, CBAM_KERNEL, CBAM_KERNEL]);
  const offset = addWeights(graph, "spatial bias of CBAM", Float32Array.of(bias), [1]);
  const pad = (CBAM_KERNEL - 1) / 2;
  const logits = graph.op("Conv", [statistics, kernel, offset], {
    kernel_shape: [CBAM_KERNEL, CBAM_KERNEL],
    pads: [pad, pad, pad, pad],
  });
  return addGate(graph, byChannel, logits);
}

/** @returns a function that adds the MLP to pooled channels `[N, C, 1, 1]`, giving `[N, C]`; its weights are added once. */
function mlpAdder(graph: GraphBuilder, channels: number, { reduce, expand }: ChannelMlp): (pooled: string) => string {
  const hidden = reduce.bias.length;
  const weights = [
    addWeights(graph, "reducing weights of the attention", reduce.weights, [channels, hidden]),
    addWeights(graph, "reducing bias of the attention", reduce.bias, [hidden]),
    addWeights(graph, "expanding weights of the attention", expand.weights, [hidden, channels]),
    addWeights(graph, "expanding bias of the attention", expand.bias, [channels]),
  ] as const;
  return (pooled) => {
    const reduced = graph.op("Add", [graph.op("MatMul", [graph.op("Flatten", [pooled]), weights[0]]), weights[1]]);
    return graph.op("Add", [graph.op("MatMul", [graph.op("Relu", [reduced]), weights[2]]), weights[3]]);
  };
}

function asMap(graph: GraphBuilder, rows: string, channels: number): string {
  return graph.op("Reshape", [rows, graph.ints([-1, channels, 1, 1])]);
}

function addGate(graph: GraphBuilder, features: string, logits: string): string {
  return graph.op("Mul", [features, addSigmoid(graph, logits)]);
}

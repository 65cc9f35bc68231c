import { attributeOf, type ForeignGraph } from "./graph.ts";
import type { ImageInput, Layout } from "./imageInput.ts";

/** ONNX defines these on channels first. */
const CHANNELS_FIRST =
  /^(Conv|ConvTranspose|ConvInteger|QLinearConv|FusedConv|(Global)?(Average|Max|Lp)Pool|QLinear(Global)?AveragePool|BatchNormalization|InstanceNormalization|GroupNormalization|LRN|DepthToSpace|SpaceToDepth|Upsample)$/;

/** What these make has no rows and columns of pixels that could be told from the graph alone. */
const NO_LAYOUT =
  /^(Reshape|Flatten|Squeeze|Unsqueeze|Gather\w*|Reduce\w+|Shape|Softmax|LogSoftmax|Einsum|Expand|Tile|Gemm|\w*Attention)$/;

/**
 * Which 4-D values are feature maps and where their channels lie, followed from the input through the graph. A value
 * that is missing in the result is no feature map: attention weights and token grids are 4-D too.
 */
export function layouts(graph: ForeignGraph, input: ImageInput): Map<string, Layout> {
  const known = new Map<string, Layout>([[input.name, input.layout]]);
  for (const node of graph.nodes) {
    const inherited = node.input.map((name) => known.get(name)).find((layout) => layout !== undefined);
    let layout: Layout | undefined = inherited;
    if (CHANNELS_FIRST.test(node.opType)) layout = "NCHW";
    else if (NO_LAYOUT.test(node.opType)) layout = undefined;
    else if (node.opType === "Transpose") {
      const perm = attributeOf(node, "perm")?.ints.join();
      if (perm === "0,3,1,2") layout = "NCHW";
      else if (perm === "0,2,3,1") layout = inherited === "NCHW" ? "NHWC" : undefined;
      else layout = undefined;
    } else if (node.opType === "MatMul") {
      // A linear layer over the channels of each position; it needs them last.
      const linear = inherited === "NHWC" && node.input.some((name) => graph.constants.has(name));
      layout = linear ? "NHWC" : undefined;
    }
    if (layout !== undefined) for (const output of node.output) known.set(output, layout);
  }
  return known;
}

import type { InputSpec } from "../../../shared/index.ts";
import type { GraphBuilder } from "../../onnx/index.ts";
import { type BranchSpec, buildModel } from "../buildModel.ts";
import { ModelError } from "../errors.ts";
import { addGradients, GRADIENT_CHANNELS } from "./gradients.ts";
import { addHistogram, HISTOGRAM_CHANNELS } from "./histogram.ts";
import { addLab } from "./lab.ts";

/** Pixels that are looked at, on each side. */
const SIDE = 112;

interface Handcrafted {
  readonly channels: number;
  /** On each side of its feature map. */
  readonly cells: number;
  readonly branch: BranchSpec;
  /** @returns the feature map, float32 `[N, channels, cells, cells]` */
  add(graph: GraphBuilder, lab: string): string;
}

/** Branches that are computed from pixels, without a network, in the order in which images are asked about them. */
const HANDCRAFTED: Readonly<Record<string, Handcrafted>> = {
  lab: {
    channels: HISTOGRAM_CHANNELS,
    cells: 7,
    branch: { kind: "GeM", p: 2 },
    add: (graph, lab) => addHistogram(graph, lab, SIDE, 7),
  },
  hog: {
    channels: GRADIENT_CHANNELS * 49,
    cells: 7,
    branch: { kind: "SPoC" },
    add: (graph, lab) => addApart(graph, addGradients(graph, lab, SIDE, 7), GRADIENT_CHANNELS, 7),
  },
};

/** Names of the branches that need no network. */
export const HANDCRAFTED_BRANCHES: readonly string[] = Object.keys(HANDCRAFTED);

/**
 * A model of branches that need no network and have no weights: a histogram of colours in CIE Lab (`lab`) and histograms of oriented
 * gradients (`hog`). Recipes and figures are in docs/models.md.
 * @param names some of `HANDCRAFTED_BRANCHES`, in this order
 * @param input of the model that they are to join
 * @throws ModelError where its sides are no multiples of 112 pixels
 */
export function buildHandcrafted(names: readonly string[], input: InputSpec): Uint8Array {
  const { width, height, ...resizing } = input;
  if (width % SIDE !== 0 || height % SIDE !== 0) {
    throw new ModelError(`Branches without a network take sides of multiples of ${SIDE} pixels.`);
  }
  const all = names.map((name) => ({ name, ...HANDCRAFTED[name]! }));
  const shrink = [height / SIDE, width / SIDE];
  return buildModel({
    name: names.join("+"),
    backbone: {
      backbone: {
        name: "pixels",
        lastDownsampling: "kept",
        taps: all.map(({ name, channels, cells }) => ({ name, channels, height: cells, width: cells })),
      },
      weights: { source: "none: computed from pixels", version: "1", licence: "none" },
      inputSize: width,
      inputHeight: height,
      resizing,
      addTo(graph, pixels) {
        const means = graph.op("AveragePool", [pixels], { kernel_shape: shrink, strides: shrink });
        const lab = addLab(graph, means);
        return all.map(({ add }) => add(graph, lab));
      },
    },
    branches: all.map(({ name, branch }, tap) => ({ ...branch, name, tap })),
  });
}

/**
 * Gives each cell channels of its own, zero elsewhere: the mean over positions then is the whole of the map, and what a cell adds to it
 * is exact.
 * @param map float32 `[N, channels, cells, cells]`
 * @returns float32 `[N, channels * cells * cells, cells, cells]`
 */
function addApart(graph: GraphBuilder, map: string, channels: number, cells: number): string {
  const positions = cells ** 2;
  const column = graph.op("Reshape", [map, graph.ints([0, channels, positions, 1])]);
  const own = graph.floats(
    Float32Array.from({ length: positions ** 2 }, (_, i) => (i % (positions + 1) === 0 ? 1 : 0)),
    [1, 1, positions, positions],
  );
  return graph.op("Reshape", [graph.op("Mul", [column, own]), graph.ints([0, channels * positions, cells, cells])]);
}

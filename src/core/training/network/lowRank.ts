import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { ConstantTensor, GraphBuilder } from "../../onnx/index.ts";
import type { NamedTensors } from "../parameters.ts";

/** Two small matrices beside a frozen one, W + A B (Hu et al. 2022, LoRA, section 4.1, with alpha = r). */
export interface LowRank {
  /** Name of W, a constant `[inputs, outputs]` of the network. */
  readonly weights: string;
  readonly frozen: ConstantTensor;
  readonly rank: number;
}

const downOf = ({ weights }: LowRank) => `${weights}/down`;
const upOf = ({ weights }: LowRank) => `${weights}/up`;

/** The value that stands in the place of W in a step. */
export const adaptedOf = ({ weights }: LowRank) => `${weights}/adapted`;

/** A `[inputs, rank]` uniform in +-1 / sqrt(inputs), and B `[rank, outputs]` of zeros: before the first step nothing is changed. */
export function lowRankParameters(adapters: readonly LowRank[], seed: number): NamedTensors {
  const random = xoroshiro128plus(seed);
  return new Map(
    adapters.flatMap((adapter) => {
      const { frozen, rank } = adapter;
      const [inputs, outputs] = frozen.dims as [number, number];
      const bound = 1 / Math.sqrt(inputs);
      const down = Float32Array.from({ length: inputs * rank }, () => (2 * uniformFloat32(random) - 1) * bound);
      return [
        [downOf(adapter), { dims: [inputs, rank], values: down }] as const,
        [upOf(adapter), { dims: [rank, outputs], values: new Float32Array(rank * outputs) }] as const,
      ];
    }),
  );
}

/** Adds W + A B, under the name that `adaptedOf` gives. */
export function addLowRank(graph: GraphBuilder, adapter: LowRank): void {
  const change = graph.op("MatMul", [downOf(adapter), upOf(adapter)]);
  graph.op("Add", [adapter.weights, change], {}, adaptedOf(adapter));
}

/** W + A B as one matrix: what a model file has. */
export function merged(adapter: LowRank, values: (name: string) => Float32Array): Float32Array {
  const { frozen, rank } = adapter;
  const outputs = frozen.dims[1]!;
  const [down, up] = [values(downOf(adapter)), values(upOf(adapter))];
  return frozen.values.map((w, place) => {
    const [row, column] = [Math.floor(place / outputs), place % outputs];
    let sum = w;
    for (let k = 0; k < rank; k++) sum += down[row * rank + k]! * up[k * outputs + column]!;
    return sum;
  });
}

/** What of a matrix's sides a rank may be. */
export function fitsRank({ dims }: ConstantTensor, rank: number): boolean {
  return dims.length === 2 && dims.every((n) => n > rank);
}

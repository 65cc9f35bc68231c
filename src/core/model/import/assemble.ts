import type { OwnVector } from "./branches.ts";
import { BatchError, type CheckReport, checkModel } from "./check.ts";
import { type GraftedValue, graft } from "./graft.ts";
import { foreignGraph, nodesFor } from "./graph.ts";
import type { Inspection } from "./inspect.ts";
import type { ForeignModel } from "./readFile.ts";
import type { FeatureMapInfo, VectorInfo } from "./values.ts";

interface Assembled {
  readonly bytes: Uint8Array;
  readonly check: CheckReport;
  readonly oneByOne: boolean;
  readonly oneByOneBecause: "batch" | "quantization" | null;
}

/** Takes its scale from the values of the whole batch: an embedding would depend on its neighbours. */
const BATCH_WIDE = /^Dynamic(Quantize\w+)$/;

/**
 * Puts network and head together so that batches work, or else so that images run one by one; checks either.
 * @throws ModelError where neither works
 */
export async function assemble(
  head: Uint8Array,
  foreign: ForeignModel,
  { input, chosen }: Inspection,
  vector: OwnVector | undefined,
  samples: readonly Uint8Array[],
): Promise<Assembled> {
  const { width, height } = input;
  const inputDims = input.layout === "NCHW" ? [3, height, width] : [height, width, 3];
  const outputs: GraftedValue[] = [{ tensor: chosen.tensor, dims: dimsOf(chosen) }];
  if (vector !== undefined && "tensor" in vector) outputs.push({ tensor: vector.tensor, dims: [vector.dim] });
  const attempt = async (because: Assembled["oneByOneBecause"]): Promise<Assembled> => {
    const oneByOne = because !== null;
    const bytes = graft(head, { foreign, input: input.name, outputs, oneByOne, inputDims });
    return { bytes, check: await checkModel(bytes, foreign.file, samples), oneByOne, oneByOneBecause: because };
  };
  const graph = foreignGraph(foreign.model.graph);
  const needed = outputs.flatMap(({ tensor }) => nodesFor(graph, tensor));
  if (needed.some(({ opType }) => BATCH_WIDE.test(opType))) return attempt("quantization");
  try {
    return await attempt(null);
  } catch (first) {
    try {
      return await attempt("batch");
    } catch (second) {
      // Where single images fail too, the batch was not the reason.
      throw first instanceof BatchError ? second : first;
    }
  }
}

function dimsOf(taken: FeatureMapInfo | VectorInfo): number[] {
  if (!("channels" in taken)) return [taken.dim];
  const { layout, channels, height, width, others } = taken;
  if (layout === "tokens") return [height * width + others, channels];
  return layout === "NCHW" ? [channels, height, width] : [height, width, channels];
}
